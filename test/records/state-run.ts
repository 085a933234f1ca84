/** Applies records to an `ExchangeState` in ticks, and reports everything that can be read from it. */
import { C_TIMESTAMP_F64, COMMAND_DOUBLES, COMMAND_INTS } from "../../src/core/command.ts";
import { ORDER_INTS } from "../../src/core/whistle/order-arena.ts";
import { createReplay } from "../../src/execution/replay.ts";
import type { CommandBatch } from "../../src/persistence/backend.ts";
import { snapshotName } from "../../src/persistence/snapshot/layout.ts";
import { SnapshotFile } from "../../src/persistence/snapshot/snapshot-file.ts";
import { writeSnapshot } from "../../src/persistence/snapshot/write-snapshot.ts";
import { OrderState } from "../../src/protocol/order-state.ts";
import type { ExchangeState } from "../../src/records/exchange-state.ts";
import { Random } from "../core/fuzz/random.ts";
import { eventLines } from "../execution/event-lines.ts";
import { MemoryFileSystem } from "../persistence/wal/memory-file-system.ts";
import { forgetNewEvents, linesFrom, newLines } from "./stream-lines.ts";

/** All accounts that random streams may open, and a few more. */
const ACCOUNTS = 12;
const GENERATIONS = 4;
/** Client order ids that random streams use. */
const CLIENT_IDS = 500;

/** The records in batches of random sizes, as a journal without state checks gives them. */
export function batchesOf(
  records: readonly Int32Array[],
  seed: number,
  commandsMax = 40,
): CommandBatch[] {
  const random = new Random(seed);
  const batches: CommandBatch[] = [];
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
      first: 0,
      ints,
      doubles,
    });
    from += count;
  }
  return batches;
}

/** A digest of everything that the state publishes, tick by tick. */
export class Told {
  readonly #hasher = new Bun.CryptoHasher("sha256");

  hear({ core, streams }: ExchangeState): void {
    for (const line of [...eventLines(core.events), ...newLines(streams)]) {
      this.#hasher.update(line).update("\n");
    }
  }

  digest(): string {
    return this.#hasher.copy().digest("hex");
  }
}

/** Adds to the batches the state checks that the live exchange of this state would write. */
export function stamp(state: ExchangeState, batches: CommandBatch[]): void {
  const apply = createReplay(state);
  for (const batch of batches) {
    state.check.stamp(batch);
    // The check is the state's own before the tick, so the comparison succeeds.
    apply(batch);
  }
}

/** Applies batches as a replay does. What they publish goes to `told`. */
export function run(state: ExchangeState, batches: readonly CommandBatch[], told: Told): void {
  const apply = createReplay(state);
  forgetNewEvents(state.streams);
  for (const batch of batches) {
    apply(batch);
    told.hear(state);
  }
}

/** All that can be read of a state. */
export function known(state: ExchangeState) {
  const { core } = state;
  const { view } = core;
  return {
    hash: core.stateHash(),
    clock: [view.tick(), view.sequence(), view.trades(), core.due()],
    open: view.openOrderCount(),
    rules: view.marketRules(),
    symbols: Array.from({ length: view.symbolsMax }, (_, symbol) => symbolOf(state, symbol)),
    accounts: Array.from({ length: ACCOUNTS }, (_, account) => accountOf(state, account)),
    orders: orders(state),
  };
}

function symbolOf({ core: { view } }: ExchangeState, symbol: number) {
  if (!view.isListed(symbol)) return null;
  const levels = (side: number): number[] => {
    const out = new Float64Array(2_000);
    return [...out.subarray(0, view.depth(symbol, side, out, 1_000) * 2)];
  };
  return {
    text: view.symbolText(symbol),
    state: view.symbolState(symbol),
    last: view.lastTrade(symbol),
    shares: view.sharesTotal(symbol),
    bids: levels(0),
    asks: levels(1),
  };
}

function accountOf(state: ExchangeState, account: number) {
  const { core, history, fills, streams } = state;
  const { view } = core;
  const target = new OrderState();
  const done = (symbol: number, before: number) =>
    history.page(account, symbol, before, 70, target, () => ({ ...target }));
  return {
    seq: streams.lastSeq(account),
    stream: linesFrom(streams, account),
    orders: pages((before) => done(-1, before)),
    ordersOfSymbol: pages((before) => done(0, before)),
    fills: pages((before) => fills.page(account, -1, before, 70)),
    fillsOfSymbol: pages((before) => fills.page(account, 0, before, 70)),
    cash: [view.cashAvailable(account), view.cashReserved(account)],
    holdings: view.holdings(account),
    openOrders: openOrders(state, account),
    clientIds: clientIds(state, account),
  };
}

function openOrders({ core: { view } }: ExchangeState, account: number): OrderState[] {
  const open: OrderState[] = [];
  const target = new OrderState();
  view.walkOpenOrders(account, 0, target, () => {
    open.push({ ...target });
    return true;
  });
  return open;
}

/** Every remembered client order id, and its order if that is done. */
function clientIds({ core: { view }, history }: ExchangeState, account: number) {
  return Array.from({ length: CLIENT_IDS }, (_, i) => {
    const text = `id-${i + 1}`;
    const found = view.findClientOrderId(account, text);
    if (found === null || view.isOpen(found.order)) return found;
    const target = new OrderState();
    history.readByClientId(target, found.clientId, text);
    return { ...found, done: target };
  });
}

/** Every order that a number could name: its account and its state. */
function orders({ core, history }: ExchangeState) {
  const places = core.stores.find(({ name }) => name === "orders");
  const slots = (places?.used() ?? 0) / ORDER_INTS;
  const target = new OrderState();
  return Array.from({ length: slots * GENERATIONS }, (_, i) => {
    const number = (i % GENERATIONS) * 2 ** 21 + Math.floor(i / GENERATIONS);
    if (core.view.isOpen(number)) return "open";
    const account = history.find(target, number, []);
    return account < 0 ? null : { account, ...target };
  });
}

/** All pages, one after the other. */
export function pages<Row>(read: (before: number) => { rows: Row[]; next: number | null }): Row[] {
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

/** The state as the snapshot worker writes it, read back from the file. */
export function snapshotOf(state: ExchangeState): SnapshotFile {
  const fileSystem = new MemoryFileSystem();
  const { core } = state;
  const info = {
    exchangeId: new Uint8Array(16),
    tick: core.view.tick(),
    sequence: core.view.sequence(),
    timestamp: core.view.timestamp(),
    chain: new Int32Array(8),
    nextSegment: 2,
    stateHash: core.stateHash(),
    symbolsMax: core.view.symbolsMax,
  };
  writeSnapshot("snapshots", info, state.sections(), fileSystem);
  return new SnapshotFile(`snapshots/${snapshotName(info.tick)}`, fileSystem);
}

/** Makes a used state a new one again: what it keeps becomes zero, so nothing can be read from it. */
export function empty(state: ExchangeState): void {
  const kept = state.sections().flatMap(({ bytes }) => [...bytes]);
  for (const bytes of kept) bytes.fill(0);
  state.reset();
}
