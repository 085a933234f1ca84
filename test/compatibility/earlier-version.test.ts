/** This version goes on with the data directory of an earlier one (README.md): nothing that was there is lost. */
import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { IDENTITY_FILE } from "../../src/identity/identity-store.ts";
import { ServerProcess } from "../integration/server-process.ts";
import { answerOf } from "../integration/waiver-command.ts";
import { EarlierData } from "./data-directory.ts";
import earlier from "./fixtures/state.json";
import { recover } from "./state-summary.ts";

/** What the earlier version says, and which state its snapshots hold. */
const { snapshots, ...STATE } = earlier;
const [OLD, NEW] = snapshots.map(({ tick }) => tick) as [number, number];

/** The segments that the snapshots end with: those before may be gone. */
const OLD_SEGMENT = 2;
const NEW_SEGMENT = 12;

const LAYOUTS = [
  { name: "a journal alone", firstSegment: 1, snapshots: [] },
  { name: "a journal and two snapshots", firstSegment: 1, snapshots: [OLD, NEW] },
  {
    name: "two snapshots, the first segments gone",
    firstSegment: OLD_SEGMENT,
    snapshots: [OLD, NEW],
  },
  { name: "an old snapshot and what follows", firstSegment: OLD_SEGMENT, snapshots: [OLD] },
  { name: "a new snapshot and what follows", firstSegment: NEW_SEGMENT, snapshots: [NEW] },
];

/** Otherwise it depends on the machine whether another is done before the end. */
const NO_SNAPSHOT_BUT_THE_LAST = "[persistence.local]\nsnapshot_interval = 1000000000\n";

const ask = async (data: EarlierData, ...command: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await answerOf(...command, "--json", "--data-dir", data.path));

test.each(LAYOUTS)("$name: the journal is sound", async (layout) => {
  await using data = await EarlierData.unpack(layout);
  const { sound, damage, torn, first_segment, last, snapshots } = await ask(data, "wal", "verify");
  expect({ sound, damage, torn, first_segment, last, snapshots }).toEqual({
    sound: true,
    damage: null,
    torn: null,
    first_segment: layout.firstSegment,
    last: { tick: STATE.tick, sequence: STATE.sequence, timestamp: expect.any(Number) },
    snapshots: layout.snapshots
      .toReversed()
      .map((tick) => expect.objectContaining({ tick, matches: true, unusable: null })),
  });
});

test.each(LAYOUTS)("$name: the command line replays the same state", async (layout) => {
  await using data = await EarlierData.unpack(layout);
  const replay = async (...options: string[]): Promise<unknown> => {
    const { tick, sequence, trades, state_hash } = await ask(data, "wal", "replay", ...options);
    return { tick, sequence, trades, stateHash: state_hash };
  };
  const { tick, sequence, trades, stateHash } = STATE;
  const end = { tick, sequence, trades, stateHash };
  if (layout.snapshots.length > 0) expect(await replay("--from-snapshot")).toEqual(end);
  if (layout.firstSegment > 1) return;
  expect(await replay()).toEqual(end);
  for (const then of snapshots) {
    expect(await replay("--to-tick", String(then.tick))).toMatchObject(then);
  }
});

test.each(LAYOUTS)("$name: accounts, orders, history and books are the same", async (layout) => {
  await using data = await EarlierData.unpack(layout);
  const { snapshot, refused, state } = recover(data.path);
  expect({ snapshot, refused }).toEqual({ snapshot: layout.snapshots.at(-1) ?? null, refused: [] });
  expect<unknown>(state).toEqual(STATE);
});

test.each(LAYOUTS)("$name: the exchange starts, goes on and ends", async (layout) => {
  await using data = await EarlierData.unpack(layout);
  // The fixture has no users: an empty file says that this is meant.
  await Bun.write(join(data.path, IDENTITY_FILE), "");
  {
    await using server = await ServerProcess.start(data.path, { config: NO_SNAPSHOT_BUT_THE_LAST });
    const { tick, seq } = await server.ask<{ tick: number; seq: number }>("GET", "/state");
    expect([tick > STATE.tick, seq > STATE.sequence]).toEqual([true, true]);
    expect(await server.stop()).toBe(0);
  }
  const after = await ask(data, "wal", "verify");
  const found = after.snapshots as { file: string }[];
  expect([after.sound, found.length]).toEqual([true, layout.snapshots.length + 1]);
  const replay = async (...options: string[]): Promise<unknown> =>
    (await ask(data, "wal", "replay", ...options)).state_hash;
  const fromNewest = await replay("--from-snapshot");
  // The newest snapshot is of this version: without it the start is an earlier one, or the first tick.
  await rm(found[0]?.file ?? "");
  expect(await replay(...(found.length > 1 ? ["--from-snapshot"] : []))).toBe(fromNewest);
});
