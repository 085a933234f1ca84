/** A snapshot of version 2 (README.md) gives all that it has: stamps of orders and the accounts' streams, too. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { hashText } from "../../src/core/state-hash.ts";
import { createReplay } from "../../src/execution/replay.ts";
import { rebuild } from "../../src/persistence/rebuild.ts";
import { ExchangeState } from "../../src/records/exchange-state.ts";
import { known } from "../records/state-run.ts";
import { linesFrom } from "../records/stream-lines.ts";
import { EarlierData } from "./data-directory.ts";
import told from "./version-2/streams.json";

/** `players.symbols_max` as it is by default. */
const SYMBOLS_MAX = 4096;

/** The state of a data directory, and the tick of the snapshot that it began with. */
function recover({ path }: EarlierData) {
  const state = new ExchangeState(SYMBOLS_MAX);
  const { snapshot } = rebuild(
    { walDirectory: join(path, "wal"), snapshotDirectory: join(path, "snapshots") },
    { apply: createReplay(state), snapshots: state },
  );
  return { state, began: snapshot?.tick ?? null };
}

/** What the earlier version said of the streams, of this one. */
function streamsOf({ core, streams }: ExchangeState) {
  return {
    tick: core.view.tick(),
    stateHash: hashText(core.stateHash()),
    accounts: Array.from({ length: core.view.nextAccount() }, (_, account) => ({
      oldest: streams.oldestSeq(account),
      last: streams.lastSeq(account),
      digest: new Bun.CryptoHasher("sha256")
        .update(linesFrom(streams, account).join("\n"))
        .digest("hex"),
    })),
  };
}

test("the accounts are told the same again, and all else is as after a replay of the journal", async () => {
  await using data = await EarlierData.unpackVersion2();
  await using whole = await EarlierData.unpack({ firstSegment: 1, snapshots: [] });
  const [then, end] = told;
  const { state, began } = recover(data);
  expect([began, streamsOf(state)]).toEqual([then?.tick, end]);
  expect(known(state)).toEqual(known(recover(whole).state));
});
