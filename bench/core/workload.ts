/**
 * `bun run bench:core -- FILE`: runs a recorded workload through the real core. The owner of an order is its id mod
 * 4096. The ledger settles every fill; every event is emitted and read. Prints one line of JSON: `{ops_per_s, trades,
 * quantity, hash, state_hash, rss_mb}`. It is the run with the median throughput.
 *
 * A workload file consists of little-endian int32. The header has 16: magic 0x4d45574c, number of operations, number of
 * untimed operations at the front (the prefill), symbols, price range, highest order id, and unused ones. Each
 * operation has six: op (0 limit, 1 cancel, 2 market, 3 limit IOC), id, symbol, side, price, quantity. The hash covers
 * maker, taker, price and quantity of every trade: h = h · 31 + x in 32 bits.
 */
import {
  C_ACCOUNT,
  C_AMOUNT_F64,
  C_HEAD,
  C_OPTIONS,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_SYMBOL,
  COMMAND_INTS,
  CommandKind,
  ORDER_SLOT_COUNT,
  OrderType,
  SelfTrade,
  TimeInForce,
} from "../../src/core/command.ts";
import { type Core, createCore } from "../../src/core/create.ts";
import { EventKind } from "../../src/core/event.ts";
import { RULES_VERSION } from "../../src/core/rules.ts";
import { hashText } from "../../src/core/state-hash.ts";
import { adviseHugePages } from "../../src/host/huge-pages.ts";

const MAGIC = 0x4d45574c;
const HEADER_INTS = 16;
const OP_INTS = 6;
const OWNERS = 4096;
const OPS_PER_TICK = 1024;
const RUNS = 7;
/** Operations of a workload file. */
const LIMIT = 0;
const CANCEL = 1;
const MARKET = 2;

interface Workload {
  ops: Int32Array;
  count: number;
  prefill: number;
  symbols: number;
  idMax: number;
}

interface Result {
  ops_per_s: number;
  trades: number;
  quantity: number;
  hash: string;
  state_hash: string;
  rss_mb: number;
}

async function load(path: string): Promise<Workload> {
  const ints = new Int32Array(await Bun.file(path).arrayBuffer());
  if (ints[0] !== MAGIC) throw new Error(`${path}: not a workload file (magic ${ints[0]})`);
  const [, count, prefill, symbols, , idMax] = ints;
  return { ops: ints.subarray(HEADER_INTS), count, prefill, symbols, idMax };
}

/** Sets the rules that every started exchange follows. */
function setRules(core: Core): void {
  const ints = new Int32Array(COMMAND_INTS);
  ints[C_HEAD] = CommandKind.SET_RULES;
  ints[C_QUANTITY] = RULES_VERSION;
  core.beginTick(0);
  core.apply(ints, new Float64Array(ints.buffer), 0);
}

/** Lists every symbol, and opens and funds the account of every owner. */
function fund(core: Core, symbols: number): void {
  const ints = new Int32Array(COMMAND_INTS);
  const doubles = new Float64Array(ints.buffer);
  const run = (kind: number, account: number, symbol: number, amount: number): void => {
    ints.fill(0);
    ints[C_HEAD] = kind;
    ints[C_ACCOUNT] = account;
    ints[C_SYMBOL] = symbol;
    ints[C_PRICE] = 1;
    doubles[C_AMOUNT_F64] = amount;
    core.beginTick(0);
    core.apply(ints, doubles, 0);
    if (core.events.kind(0) === EventKind.REJECT) {
      throw new Error(`set-up refused: kind ${kind}, account ${account}, symbol ${symbol}`);
    }
  };
  setRules(core);
  for (let s = 0; s < symbols; s++) run(CommandKind.LIST_SYMBOL, 0, s, 0);
  for (let a = 1; a <= OWNERS; a++) {
    run(CommandKind.OPEN_ACCOUNT, a, 0, 0);
    run(CommandKind.DEPOSIT_CASH, a, 0, 2 ** 39);
    for (let s = 0; s < symbols; s++) run(CommandKind.DEPOSIT_SHARES, a, s, 2 ** 30);
  }
}

/** The workload's operations as command records; `learnTargets` fills in what cancels name. */
function commands(w: Workload): Int32Array {
  const out = new Int32Array(w.count * COMMAND_INTS);
  for (let i = 0; i < w.count; i++) {
    const o = i * OP_INTS;
    const c = i * COMMAND_INTS;
    const op = w.ops[o];
    const type = op === MARKET ? OrderType.MARKET : OrderType.LIMIT;
    const time = op === LIMIT ? TimeInForce.GTC : TimeInForce.IOC;
    const place = CommandKind.PLACE | (w.ops[o + 3] << 8) | (type << 16) | (time << 24);
    out[c + C_HEAD] = op === CANCEL ? CommandKind.CANCEL : place;
    out[c + C_OPTIONS] = SelfTrade.NONE;
    out[c + C_ACCOUNT] = (w.ops[o + 1] % OWNERS) + 1;
    out[c + C_SYMBOL] = w.ops[o + 2];
    out[c + C_PRICE] = op === MARKET ? 0 : w.ops[o + 4];
    out[c + C_QUANTITY] = w.ops[o + 5];
  }
  return out;
}

/**
 * One untimed run that writes the order number of each cancel into its record, as a client would know it from the
 * acknowledgement. The core is deterministic, so the numbers are the same in every later run. The run also warms up the
 * core, as the exchange does before it opens.
 */
function learnTargets(core: Core, w: Workload, ints: Int32Array): void {
  const { events } = core;
  const doubles = new Float64Array(ints.buffer);
  const slots = new Int32Array(w.idMax + 1);
  const generations = new Int32Array(w.idMax + 1);
  fund(core, w.symbols);
  for (let i = 0; i < w.count; i++) {
    const id = w.ops[i * OP_INTS + 1];
    const c = i * COMMAND_INTS;
    if (w.ops[i * OP_INTS] === CANCEL) {
      ints[c + C_ORDER_SLOT] = slots[id];
      ints[c + C_ORDER_GENERATION] = generations[id];
    }
    core.beginTick(1);
    core.apply(ints, doubles, i);
    for (let e = 0; e < events.end(); e = events.next(e)) {
      if (events.kind(e) !== EventKind.ORDER || !events.isReply(e)) continue;
      slots[id] = events.slot(events.order(e));
      generations[id] = events.generation(events.order(e));
    }
  }
}

function run(core: Core, w: Workload, ints: Int32Array): Result {
  core.reset();
  fund(core, w.symbols);
  const { ops, count, prefill } = w;
  const doubles = new Float64Array(ints.buffer);
  const { events } = core;
  const idOfSlot = new Int32Array(ORDER_SLOT_COUNT);
  let trades = 0;
  let quantity = 0;
  let hash = 0;

  function tick(from: number, to: number): void {
    core.beginTick(1);
    core.applyAll(ints, doubles, from, to);
    drain(from);
  }

  /** Reads every event of the tick, in order. A slot stands for the last order that was placed in it. */
  function drain(from: number): void {
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      const kind = events.kind(e);
      if (kind !== EventKind.ORDER && kind !== EventKind.TRADE) continue;
      const id = ops[(from + events.command(e)) * OP_INTS + 1];
      const taker = events.order(e);
      idOfSlot[events.slot(taker)] = id;
      if (kind === EventKind.ORDER) continue;
      const q = events.tradeQuantity(e);
      trades++;
      quantity += q;
      hash = (Math.imul(hash, 31) + idOfSlot[events.slot(events.maker(e))]) | 0;
      hash = (Math.imul(hash, 31) + id) | 0;
      hash = (Math.imul(hash, 31) + events.tradePrice(e)) | 0;
      hash = (Math.imul(hash, 31) + q) | 0;
    }
  }

  for (let i = 0; i < prefill; i += OPS_PER_TICK) tick(i, Math.min(i + OPS_PER_TICK, prefill));
  const start = performance.now();
  for (let i = prefill; i < count; i += OPS_PER_TICK) tick(i, Math.min(i + OPS_PER_TICK, count));
  const seconds = (performance.now() - start) / 1000;
  return {
    ops_per_s: Math.round((count - prefill) / seconds),
    trades,
    quantity,
    hash: (hash >>> 0).toString(16).padStart(8, "0"),
    state_hash: hashText(core.stateHash()),
    rss_mb: Math.round(process.memoryUsage.rss() / 2 ** 20),
  };
}

const path = process.argv[2];
if (path === undefined) {
  console.error("usage: bun run bench:core -- FILE");
  process.exit(2);
}
const workload = await load(path);
const core = createCore(workload.symbols);
// As `stages/fresh-state.ts` does.
const random = core.stores.filter((store) => store !== core.levels);
adviseHugePages(random.map(({ words }) => words.buffer));
const records = commands(workload);
learnTargets(core, workload, records);
const results = Array.from({ length: RUNS }, () => run(core, workload, records));
results.sort((a, b) => a.ops_per_s - b.ops_per_s);
console.log(JSON.stringify(results[RUNS >> 1]));
