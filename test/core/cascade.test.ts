/** A cascade of stops is bounded: so many come in after a command, and the others after the next. */
import { expect, test } from "bun:test";
import { type ExchangeEvent, replyOf } from "../reference/exchange-event.ts";
import {
  amend,
  buy,
  type Command,
  cancel,
  clock,
  depositCash,
  depositShares,
  listSymbol,
  note,
  openAccount,
  sell,
  setRules,
  setSymbolState,
} from "./command-builder.ts";
import { Lockstep } from "./fuzz/lockstep.ts";
import { createTestCore } from "./test-core.ts";

const TRIGGERS_PER_COMMAND_MAX = 1_000;
const [MAKER, STOPPER, TRADER] = [1, 2, 3] as const;
const SYMBOLS = 2;
const core = createTestCore(SYMBOLS);
const OLD = { core, limits: {} };
const work = { cascadeWorkMax: 20, orderCascadeWorkMax: 40 };
const BOUNDED = { core: createTestCore(SYMBOLS, { work }), limits: work };

/** Bids for everything at 90, and `stops` stops to sell at 100, of each symbol, under the oldest rules or others. */
function marketOf(
  stops: number,
  version = 0,
): { apply(command: Command): ExchangeEvent[]; state(): string } {
  const { core, limits } = version === 0 ? OLD : BOUNDED;
  core.reset();
  const lockstep = new Lockstep(core, { checkEvery: 1_000, tickLength: 2, limits });
  const apply = (command: Command): ExchangeEvent[] => {
    const { events, difference } = lockstep.apply(command);
    // Thousands of events: the whole difference would hide what differs.
    expect(difference?.slice(0, 2_000)).toBeUndefined();
    return events;
  };
  if (version > 0) apply(setRules({ version }));
  for (const account of [MAKER, STOPPER, TRADER]) {
    apply(openAccount({ account }));
    apply(depositCash({ account, amount: 1_000_000 }));
  }
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    apply(listSymbol({ symbol }));
    for (const account of [STOPPER, TRADER])
      apply(depositShares({ account, symbol, amount: 5_000 }));
    apply(buy({ account: MAKER, symbol, price: 90, quantity: 5_000 }));
    for (let i = 0; i < stops; i++) {
      apply(sell({ account: STOPPER, symbol, type: "STOP", stopPrice: 100, quantity: 1 }));
    }
  }
  const state = (): string => {
    expect(lockstep.compareStates()).toBeUndefined();
    return lockstep
      .view()
      .symbols.map((each) => `${each.stops.length} stops`)
      .join(", ");
  };
  return { apply, state };
}

/** Stops that came in. */
const triggered = (events: readonly ExchangeEvent[]): number =>
  events.filter((event) => event.event === "ORDER" && event.type === "STOP" && !event.reply).length;

const start = (symbol: number): Command =>
  sell({ account: TRADER, symbol, price: 90, quantity: 1 });

test("stops that are left over come in after the next commands, whatever they are, and are due at once", () => {
  const { apply, state } = marketOf(2_500);
  const counts: [number, string, number][] = [];
  for (const command of [start(0), note({ text: "anything" }), clock(), clock()]) {
    counts.push([triggered(apply(command)), state(), core.due()]);
  }
  expect(counts).toEqual([
    [TRIGGERS_PER_COMMAND_MAX, "1500 stops, 2500 stops", 0],
    [TRIGGERS_PER_COMMAND_MAX, "500 stops, 2500 stops", 0],
    [500, "0 stops, 2500 stops", Number.POSITIVE_INFINITY],
    [0, "0 stops, 2500 stops", Number.POSITIVE_INFINITY],
  ]);
});

test("a command to a symbol with stops left over has the same bound; each symbol has its own", () => {
  const { apply, state } = marketOf(2_500);
  const counts = [start(0), start(0), start(1), clock(), clock()].map((command) => [
    triggered(apply(command)),
    state(),
  ]);
  expect(counts).toEqual([
    [1_000, "1500 stops, 2500 stops"],
    [1_000, "500 stops, 2500 stops"],
    [1_500, "0 stops, 1500 stops"],
    [1_000, "0 stops, 500 stops"],
    [500, "0 stops, 0 stops"],
  ]);
});

/** A word for what came of each command, how many stops came in, and how many wait. */
function run(commands: readonly Command[], stops: number): string[] {
  const { apply, state } = marketOf(stops, 1);
  return commands.map((command) => {
    const events = apply(command);
    const reply = replyOf(events);
    const answer = reply.event === "REJECT" ? `${reply.code} ${reply.detail}` : reply.event;
    return `${answer}: ${triggered(events)} in, ${state()}`;
  });
}

const BEHIND = "OVERLOADED 0";

test("from version 1 of the rules no order overtakes stops that are left over: until they are in, their symbol takes no order", () => {
  const commands = [
    start(0),
    // A stranger who would take the bids that the stops are to have.
    sell({ account: TRADER, price: 90, quantity: 100 }),
    buy({ account: MAKER, symbol: 1, price: 80, quantity: 1 }),
    buy({ account: MAKER, price: 80, quantity: 1 }),
  ];
  // Each stop is two units: itself and its trade.
  expect(run(commands, 45)).toEqual([
    "ORDER: 10 in, 35 stops, 45 stops",
    `${BEHIND}: 20 in, 15 stops, 45 stops`,
    "ORDER: 10 in, 5 stops, 45 stops",
    "ORDER: 5 in, 0 stops, 45 stops",
  ]);
});

test("an order may be cancelled or reduced in the meantime, but not moved, and no stop may be added", () => {
  const resting = buy({ account: MAKER, price: 10, quantity: 5 });
  const waiting = sell({ account: TRADER, type: "STOP", stopPrice: 5, quantity: 1 });
  const commands = [
    resting,
    waiting,
    start(0),
    amend({ account: MAKER, of: resting, quantity: 4 }),
    amend({ account: MAKER, of: resting, price: 11 }),
    amend({ account: TRADER, of: waiting, stopPrice: 6 }),
    sell({ account: TRADER, type: "STOP", stopPrice: 5, quantity: 1 }),
    cancel({ account: MAKER, of: resting }),
  ];
  const answers = run(commands, 100).map((line) => line.split(":")[0]);
  expect(answers).toEqual(["ORDER", "ORDER", "ORDER", "ORDER", BEHIND, BEHIND, BEHIND, "ORDER"]);
});

test("as many stops come in before an amended order as before a new one, whether it names its symbol or not", () => {
  const resting = buy({ account: MAKER, price: 10, quantity: 5 });
  for (const symbol of [undefined, 0]) {
    const named = symbol === undefined ? {} : { symbol };
    const moved = amend({ account: MAKER, of: resting, price: 11, ...named });
    expect(run([resting, start(0), moved, moved], 45)).toEqual([
      "ORDER: 0 in, 45 stops, 45 stops",
      "ORDER: 10 in, 35 stops, 45 stops",
      `${BEHIND}: 20 in, 15 stops, 45 stops`,
      "ORDER: 15 in, 0 stops, 45 stops",
    ]);
  }
});

test("a command first continues with the stops of its own symbol, and adds no more work from other symbols than one symbol may have", () => {
  const commands = [start(0), start(1), start(1), note({ text: "anything" }), clock()];
  expect(run(commands, 50)).toEqual([
    "ORDER: 10 in, 40 stops, 50 stops",
    "ORDER: 20 in, 30 stops, 40 stops",
    `${BEHIND}: 20 in, 30 stops, 20 stops`,
    "DONE: 10 in, 20 stops, 20 stops",
    "DONE: 10 in, 10 stops, 20 stops",
  ]);
});

test("a halt keeps the stops that are left over; opening the symbol has the same bound", () => {
  const { apply, state } = marketOf(2_500);
  const commands = [
    start(0),
    setSymbolState({ state: "HALTED" }),
    clock(),
    setSymbolState({ state: "TRADING" }),
    clock(),
  ];
  const counts = commands.map((command) => [triggered(apply(command)), state()]);
  expect(counts).toEqual([
    [1_000, "1500 stops, 2500 stops"],
    [0, "1500 stops, 2500 stops"],
    [0, "1500 stops, 2500 stops"],
    [1_000, "500 stops, 2500 stops"],
    [500, "0 stops, 2500 stops"],
  ]);
});

test("stops that came in before a reset do not count, even under the same sequence number", () => {
  const counts = [1, 2].map(() => {
    const { apply, state } = marketOf(600);
    return [triggered(apply(start(0))), state(), core.due()];
  });
  const all = [600, "0 stops, 600 stops", Number.POSITIVE_INFINITY];
  expect(counts).toEqual([all, all]);
});
