/**
 * Who may import whom: the one table of the rooms of src/ (DESIGN, "Layout").
 * `imports.test.ts` holds the tree to it, and so does `.dependency-cruiser.ts`.
 */

/** The floors from the roof down. A room imports itself and the floors below, not its neighbours. */
const FLOORS = [
  ["main.ts"],
  ["serve.ts"],
  ["recovery-progress.ts", "snapshot-worker.ts"],
  ["exchange.ts"],
  ["gateway", "admin", "demo", "web"],
  ["client"],
  ["execution"], // the loop that takes ticks out of the router's ring
  ["router"],
  ["market-data"],
  ["analytics"],
  ["players"],
  ["identity"],
  ["persistence"],
  ["core"],
  ["protocol"],
  ["config"],
  ["lib"],
] as const;

export type Room = (typeof FLOORS)[number][number];

/** Rooms that may import less than all that is below them. */
const ONLY: { readonly [room in Room]?: { rooms: readonly Room[]; packages: boolean } } = {
  web: { rooms: ["client", "protocol"], packages: true },
  client: { rooms: ["protocol"], packages: false },
  core: { rooms: ["lib"], packages: false },
  protocol: { rooms: ["lib"], packages: true },
  lib: { rooms: [], packages: false },
};

/** Every room, from the roof down. */
export const ROOMS: readonly Room[] = FLOORS.flat();

/** The room of a file, given its path from the top of the checkout; undefined when it is in none. */
export function roomOf(path: string): Room | undefined {
  return ROOMS.find((room) => path === `src/${room}` || path.startsWith(`src/${room}/`));
}

/** The rooms whose files a file of `room` may import. */
export function roomsOpenTo(room: Room): readonly Room[] {
  const floor = FLOORS.findIndex((rooms) => rooms.some((each) => each === room));
  const below = ONLY[room]?.rooms ?? FLOORS.slice(floor + 1).flat();
  return [room, ...below];
}

/** Whether a file of `room` may import packages, and modules of Bun and Node. */
export function packagesOpenTo(room: Room): boolean {
  return ONLY[room]?.packages ?? true;
}
