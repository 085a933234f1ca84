/** Runs an `ExchangeState` over records in ticks, and tells all that can be read of it. */

import { CLIENT_ID_INTS, K_GENERATION, K_SLOT } from "../../src/core/client-ids.ts";
import { C_TIMESTAMP_F64, COMMAND_DOUBLES, COMMAND_INTS } from "../../src/core/command.ts";
import { ORDER_SHIFT } from "../../src/core/whistle/order-arena.ts";
import type { AccountListener } from "../../src/execution/account-events.ts";
import type { ExchangeState } from "../../src/execution/exchange-state.ts";
import { replayBatch } from "../../src/execution/replay.ts";
import { SERVED_CHANNELS } from "../../src/market-data/topics.ts";
import type { RecoveredBatch } from "../../src/persistence/backend.ts";
import { snapshotName } from "../../src/persistence/snapshot/layout.ts";
import { SnapshotFile } from "../../src/persistence/snapshot/snapshot-file.ts";
import { writeSnapshot } from "../../src/persistence/snapshot/write-snapshot.ts";
import { MemoryFileSystem } from "../../src/persistence/wal/memory-file-system.ts";
import { ENCODINGS } from "../../src/protocol/encoding.ts";
import { Random } from "../core/fuzz/random.ts";
import { validate } from "../core/validate.ts";

/** Accounts that random streams may have opened, and a few more. */
const ACCOUNTS = 12;
const GENERATIONS = 4;
/** As drawn in client-ids.ts. */
const K_ACCOUNT = 16;

/** The records as batches of random sizes, as a journal without state checks gives them. */
export function batchesOf(
  records: readonly Int32Array[],
  seed: number,
  commandsMax = 40,
): RecoveredBatch[] {
  const random = new Random(seed);
  const batches: RecoveredBatch[] = [];
  for (let from = 0; from < records.length; ) {
    const count = Math.min(records.length - from, random.between(1, commandsMax));
    const ints = new Int32Array(count * COMMAND_INTS);
    for (let i = 0; i < count; i++) ints.set(records[from + i] ?? [], i * COMMAND_INTS);
    const doubles = new Float64Array(ints.buffer);
    batches.push({
      tick: batches.length + 1,
      firstSequence: from + 1,
      timestamp: doubles[(count - 1) * COMMAND_DOUBLES + C_TIMESTAMP_F64] ?? 0,
      count,
      checkStart: -1,
      checkHigh: 0,
      checkLow: 0,
      ints,
      doubles,
    });
    from += count;
  }
  return batches;
}

/** Everything that the state tells the world, tick by tick, as one digest. */
export class Told {
  readonly #hasher = new Bun.CryptoHasher("sha256");

  /** Listens to every channel of every symbol, and to every account, from now on. */
  hear({ core, accountEvents, feed }: ExchangeState): void {
    // Who subscribes is told the current state first.
    for (let symbol = 0; symbol < core.symbols.count; symbol++) {
      feed.current("bbo", symbol, "json");
    }
    const note =
      (kind: string) =>
      (account: number, ...what: number[]): void =>
        void this.#hasher.update(`${kind} ${account} ${what.join(" ")}\n`);
    const listener: AccountListener = {
      order: note("order"),
      maker: note("maker"),
      balance: note("balance"),
      position: note("position"),
    };
    accountEvents.connect(listener);
    feed.connect((topic, frame) => {
      this.#hasher.update(topic).update(frame);
    });
  }

  /** The events of a tick, byte for byte. */
  events({ core }: ExchangeState): void {
    this.#hasher.update(core.events.bytes.slice(0, core.events.end() * 4));
  }

  digest(): string {
    return this.#hasher.copy().digest("hex");
  }
}

/** Has somebody listen to every channel. Once in a state's life. */
export function subscribeToAll({ feed }: ExchangeState): void {
  for (const channel of SERVED_CHANNELS) {
    for (const encoding of ENCODINGS) feed.topics.count(channel, -1, encoding, 1);
  }
}

/** Gives the batches the state checks of a live exchange, whose state this is. */
export function stamp(
  { core, check, records, listeners }: ExchangeState,
  batches: RecoveredBatch[],
): void {
  for (const batch of batches) {
    check.stamp(batch);
    // As it is compared before its tick, so it agrees with itself.
    replayBatch({ core, check, listeners: [...records, ...listeners] }, batch);
  }
}

/** Applies batches as a replay does; what they tell goes to `told`. */
export function run(state: ExchangeState, batches: readonly RecoveredBatch[], told: Told): void {
  const replayed = { ...state, listeners: [...state.records, ...state.listeners] };
  told.hear(state);
  for (const batch of batches) {
    replayBatch(replayed, batch);
    told.events(state);
  }
}

/** All that can be read of a state. */
export function known({ core, history, accountTrades, accountEvents, feed }: ExchangeState) {
  const symbols = Array.from({ length: core.symbols.count }, (_, symbol) => ({
    seq: feed.seq(symbol),
    last: feed.lastTrade(symbol),
    trades: feed.trades.list(symbol, 1000),
    bids: feed.levels(symbol, 0, 1000),
    asks: feed.levels(symbol, 1, 1000),
    text: core.symbols.text(symbol),
    frames: core.symbols.exists(symbol)
      ? ENCODINGS.flatMap((encoding) =>
          SERVED_CHANNELS.map((channel) => feed.current(channel, symbol, encoding)?.slice()),
        )
      : [],
  }));
  const accounts = Array.from({ length: ACCOUNTS }, (_, account) => ({
    seq: accountEvents.lastSeq(account),
    orders: pages((before) => history.page(account, -1, before, 70)),
    ordersOfSymbol: history.page(account, 0, 0, 1000),
    fills: pages((before) => accountTrades.page(account, -1, before, 70)),
    fillsOfSymbol: accountTrades.page(account, 0, 0, 1000),
    cash: [core.accounts.available(account), core.accounts.reserved(account)],
    shares: symbols.map((_, symbol) => {
      const position = core.positions.find(account, symbol);
      return [position, core.positions.available(position), core.positions.reserved(position)];
    }),
  }));
  const orders = Array.from({ length: core.arena.top() * GENERATIONS }, (_, i) => {
    const [slot, generation] = [Math.floor(i / GENERATIONS), i % GENERATIONS];
    return [core.arena.isOpen(slot, generation), history.find(generation * 2 ** 21 + slot)];
  });
  return {
    faults: validate(core),
    hash: core.stateHash(),
    clock: [core.tick(), core.sequence(), core.trades(), core.due()],
    open: core.arena.openCount(),
    ticks: core.arena.ticks.slice(0, core.arena.top()),
    symbols,
    accounts,
    orders,
    clientIds: clientIds(core, history),
  };
}

/** Every client order id that is remembered: its text, and its order where that is done. */
function clientIds(
  { clientIds: ids, arena }: ExchangeState["core"],
  history: ExchangeState["history"],
) {
  const found: unknown[] = [];
  for (let entry = 1; entry < ids.top(); entry++) {
    const e = entry * CLIENT_ID_INTS;
    const account = ids.ints[e + K_ACCOUNT] ?? 0;
    if (ids.find(account, ids.ints, e) !== entry) continue;
    const slot = ids.ints[e + K_SLOT] ?? 0;
    const generation = ids.ints[e + K_GENERATION] ?? 0;
    const isOpen = arena.isOpen(slot, generation);
    found.push([
      account,
      ids.text(entry),
      slot << ORDER_SHIFT,
      isOpen || history.ofClientId(entry),
    ]);
  }
  return found;
}

/** All pages, one after the other. */
function pages<Row>(read: (before: number) => { rows: Row[]; next: number | null }): Row[] {
  const rows: Row[] = [];
  for (let before: number | null = 0; before !== null; ) {
    const page: { rows: Row[]; next: number | null } = read(before);
    rows.push(...page.rows);
    before = page.next;
  }
  return rows;
}

/** What a snapshot keeps, by name. */
export function contents(state: ExchangeState): Map<string, Uint8Array> {
  const sections = state.sections().map(({ name, bytes }): [string, Uint8Array] => {
    const pieces = [...bytes].map((piece) => piece.slice());
    return [name, Buffer.concat(pieces)];
  });
  return new Map(sections);
}

/** The state as the worker writes it, read back from its file. */
export function snapshotOf(state: ExchangeState): SnapshotFile {
  const fileSystem = new MemoryFileSystem();
  const { core } = state;
  const info = {
    exchangeId: new Uint8Array(16),
    tick: core.tick(),
    sequence: core.sequence(),
    timestamp: 0,
    chain: new Int32Array(8),
    nextSegment: 2,
    stateHash: core.stateHash(),
    symbolsMax: core.symbols.count,
  };
  writeSnapshot("snapshots", info, state.sections(), fileSystem);
  return new SnapshotFile(`snapshots/${snapshotName(info.tick)}`, fileSystem);
}

/** Makes a state that something was applied to a new one: what it keeps is zeroed, and so it has nothing to read. */
export function empty(state: ExchangeState): void {
  const kept = state.sections().flatMap(({ bytes }) => [...bytes]);
  for (const bytes of kept) bytes.fill(0);
  state.reset();
}
