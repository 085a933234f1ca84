import { posix } from "node:path";
import ts from "typescript";
import { doorsOf, packagesOpenTo, type Room, roomOf, roomsOpenTo } from "./rooms.ts";
import { faultAt, type Source, walk } from "./source.ts";

interface Import {
  specifier: string;
  position: number;
}

/**
 * Everything that a file imports: `import` and `export … from`, also of types, `import()`, `require`,
 * `import("…")` in a type, and the file of a worker, `new URL("…", import.meta.url)`. (Bun's own
 * `scanImports` leaves out imports of types.)
 */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  walk(source, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      imports.push({ specifier: specifier.text, position: specifier.getStart() });
    }
  });
  return imports;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return node.argument.literal;
  }
  if (ts.isCallExpression(node)) {
    const callee = node.expression;
    const imports = callee.kind === ts.SyntaxKind.ImportKeyword || callee.getText() === "require";
    return imports ? node.arguments[0] : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "URL") {
    const [file, base] = node.arguments ?? [];
    return base?.getText() === "import.meta.url" ? file : undefined;
  }
  return undefined;
}

/** The path from the top of the checkout to which a relative specifier leads; undefined for packages. */
function targetOf(source: Source, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(source.path), specifier);
}

/** Imports of a file in src/ that the table of rooms does not allow: of a closed room, or not through a door. */
export function findWrongImports(source: Source): string[] {
  const room = roomOf(source.path);
  if (room === undefined) return [`${source.path}: stands in no room of test/house/rooms.ts`];
  return importsOf(source).flatMap(({ specifier, position }) => {
    const why = refusalOf(room, specifier, targetOf(source, specifier));
    return why === undefined ? [] : [faultAt(source, position, why)];
  });
}

function refusalOf(room: Room, specifier: string, target: string | undefined): string | undefined {
  const closed = `${room} may not import "${specifier}"`;
  if (target === undefined || target === "package.json") {
    return packagesOpenTo(room) ? undefined : closed;
  }
  const other = roomOf(target);
  if (other === undefined || !roomsOpenTo(room).includes(other)) return closed;
  if (other === room || doorsOf(other).includes(target)) return undefined;
  return `"${specifier}" is not a door of ${other}`;
}

/** Doors in the table that do not exist, or that no file of another room imports. */
export function findIdleDoors(sources: readonly Source[], rooms: readonly Room[]): string[] {
  const entered = new Set<string>();
  for (const source of sources) {
    const room = roomOf(source.path);
    for (const { specifier } of importsOf(source)) {
      const target = targetOf(source, specifier);
      if (target !== undefined && roomOf(target) !== room) entered.add(target);
    }
  }
  return rooms
    .filter((room) => !room.endsWith(".ts"))
    .flatMap((room) =>
      doorsOf(room)
        .filter((door) => !entered.has(door))
        .map((door) => `${door}: nobody outside ${room} imports this door`),
    );
}

/** The files of `roots` (paths, or folders ending in "/") and every file that they import, directly or not. */
export function reachedFrom(sources: readonly Source[], roots: readonly string[]): Source[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set(
    sources.filter(({ path }) => roots.some((root) => path === root || path.startsWith(root))),
  );
  // Iterating over a set continues with what is added during the iteration.
  for (const source of reached) {
    for (const { specifier } of importsOf(source)) {
      const target = byPath.get(targetOf(source, specifier) ?? "");
      if (target !== undefined) reached.add(target);
    }
  }
  return [...reached];
}
