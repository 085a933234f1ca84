import type { IConfiguration, IForbiddenRuleType } from "dependency-cruiser";
import { doorsOf, packagesOpenTo, ROOMS, type Room, roomsOpenTo } from "./test/house/rooms.ts";

/** Matches the paths of the files in a room. */
function pathOf(room: Room): string {
  return room.endsWith(".ts") ? exactly(`src/${room}`) : `^src/${room}/`;
}

function exactly(path: string): string {
  return `^${path.replaceAll(".", "\\.")}$`;
}

/** Matches what a file of the room may import: everything in it, and the doors of those below. */
function pathsOpenTo(room: Room): string[] {
  const others = roomsOpenTo(room).filter((other) => other !== room);
  return [pathOf(room), ...others.flatMap(doorsOf).map(exactly)];
}

const importDirections = ROOMS.map(
  (room): IForbiddenRuleType => ({
    name: `${room}-imports`,
    severity: "error",
    comment:
      "The rooms of src/, what is open to each and their doors stand in test/house/rooms.ts.",
    from: { path: pathOf(room) },
    to: { path: "^src/", pathNot: pathsOpenTo(room) },
  }),
);

const packageImports = ROOMS.filter((room) => !packagesOpenTo(room)).map(
  (room): IForbiddenRuleType => ({
    name: `${room}-packages`,
    severity: "error",
    comment: "This room depends on no package and on no module of Bun or Node.",
    from: { path: pathOf(room) },
    to: { pathNot: "^src/" },
  }),
);

export default {
  forbidden: [
    ...importDirections,
    ...packageImports,
    {
      name: "no-cycles",
      severity: "error",
      comment: "Files that import each other cannot be read or tested apart.",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-orphans",
      severity: "error",
      comment: "Nothing imports this file, and it imports nothing: a room that nobody enters.",
      // Declarations are for the compiler, which finds them itself.
      from: { orphan: true, pathNot: "\\.d\\.ts$" },
      to: {},
    },
    {
      name: "no-unresolved",
      severity: "error",
      comment: "The imported file or package is not there.",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-dev-dependencies",
      severity: "error",
      comment: "What runs in production stands under dependencies in package.json.",
      from: {},
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    // Types count: an interface taken from a room above ties two rooms together just as a call does.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: [".ts"],
      exportsFields: ["exports"],
      conditionNames: ["bun", "import", "default", "types"],
    },
  },
} satisfies IConfiguration;
