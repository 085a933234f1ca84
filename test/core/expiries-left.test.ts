/** More orders whose time is over than end at one time: the others end later, and nobody trades with them meanwhile. */
import { expect, test } from "bun:test";
import { replyOf } from "../reference/exchange-event.ts";
import {
  amend,
  at,
  buy,
  type Command,
  cancel,
  cancelAll,
  clock,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setRules,
  setSymbolState,
} from "./command-builder.ts";
import { Lockstep } from "./fuzz/lockstep.ts";
import { createTestCore } from "./test-core.ts";

const work = { expiriesMax: 10, scannedOrdersMax: 20 };
const core = createTestCore(1, { work });
const [ALICE, BOB, CAROL] = [1, 2, 3] as const;
const END = 10_000;

const ask = (price = 100, clientId = ""): Command =>
  sell({ account: ALICE, price, quantity: 1, timeInForce: "GTD", expireAt: END, clientId });
const take = (options: Partial<Parameters<typeof buy>[0]> = {}): Command =>
  buy({ account: CAROL, price: 101, quantity: 1, ...options });

/** Of each command, how many orders ended by their time, how many shares traded, and the answer. */
function run(given: readonly Command[], when: readonly Command[]): string[] {
  core.reset();
  const lockstep = new Lockstep(core, { checkEvery: 1, tickLength: 3, limits: work });
  const apply = (command: Command) => {
    const { events, difference } = lockstep.apply(command);
    expect(difference?.slice(0, 2_000)).toBeUndefined();
    return events;
  };
  apply(setRules({}));
  apply(listSymbol({ symbol: 0 }));
  for (const account of [ALICE, BOB, CAROL]) {
    apply(openAccount({ account }));
    apply(depositCash({ account, amount: 1_000_000 }));
    apply(depositShares({ account, amount: 1_000 }));
  }
  for (const command of given) apply(command);
  return when.map((command) => {
    const events = apply(command);
    const ended = events.filter((event) => event.event === "ORDER" && event.reason === "EXPIRE_AT");
    const traded = events.reduce(
      (sum, event) => (event.event === "TRADE" ? sum + event.quantity : sum),
      0,
    );
    const reply = replyOf(events);
    const told = reply.event === "ORDER" ? reply.status : "DONE";
    const answer = reply.event === "REJECT" ? reply.code : told;
    return `${ended.length} ended, ${traded} traded: ${answer}`;
  });
}

const asks = (count: number, price?: number): Command[] =>
  Array.from({ length: count }, () => ask(price));

test("only a limited number expires at one time, whatever commands come; the others expire at the next times", () => {
  const commands = [
    at(END, clock()),
    at(END, clock()),
    at(END, buy({ account: CAROL, price: 1, quantity: 1 })),
    at(END + 1, clock()),
    at(END + 1, clock()),
    at(END + 7, clock()),
  ];
  expect(run(asks(25), commands)).toEqual([
    "10 ended, 0 traded: DONE",
    "0 ended, 0 traded: DONE",
    "0 ended, 0 traded: ACCEPTED",
    "10 ended, 0 traded: DONE",
    "0 ended, 0 traded: DONE",
    "5 ended, 0 traded: DONE",
  ]);
  expect(core.due()).toBe(Number.POSITIVE_INFINITY);
  run(asks(25), commands.slice(0, 5));
  // At no time that has been: a command of the same time would find nothing to end.
  expect(core.due()).toBe(END + 2);
});

test("an order that would meet expired orders finds them gone, and trades with the orders behind them", () => {
  const given = [...asks(25), sell({ account: BOB, price: 101, quantity: 5 })];
  const commands = [
    at(END, take({ quantity: 3, timeInForce: "FOK" })),
    at(END, take({ quantity: 2, type: "MARKET", price: 0 })),
  ];
  expect(run(given, commands)).toEqual(["25 ended, 3 traded: FILLED", "0 ended, 2 traded: FILLED"]);
});

test("expired orders are not liquidity", () => {
  for (const [order, answer] of [
    [take({ quantity: 2, timeInForce: "FOK" }), "FILL_OR_KILL"],
    [take({ type: "MARKET", price: 0 }), "NO_LIQUIDITY"],
    [take({ postOnly: true }), "ACCEPTED"],
    [take({ timeInForce: "IOC" }), "EXPIRED"],
  ] as const) {
    expect(run(asks(15), [at(END, order)])).toEqual([`15 ended, 0 traded: ${answer}`]);
  }
});

test("an order is refused if too many expired orders are in its way; other orders are accepted", () => {
  const resting = buy({ account: BOB, price: 90, quantity: 5 });
  const given = [resting, ...asks(60), sell({ account: BOB, price: 101, quantity: 5 })];
  const commands = [
    at(END, take()),
    at(END, take({ price: 99 })),
    at(END, amend({ account: BOB, of: resting, quantity: 4 })),
    at(END, amend({ account: BOB, of: resting, price: 100 })),
    at(END + 1, take()),
  ];
  expect(run(given, commands)).toEqual([
    "30 ended, 0 traded: OVERLOADED",
    "0 ended, 0 traded: ACCEPTED",
    "0 ended, 0 traded: ACCEPTED",
    "20 ended, 0 traded: OVERLOADED",
    "10 ended, 1 traded: FILLED",
  ]);
});

test("a command that names an expired order finds it ended", () => {
  const all = [...asks(15), ask(100, "mine")];
  const [last, before] = all.slice(-3);
  const commands = [
    at(END, ask(100, "mine")),
    at(END, cancel({ account: ALICE, of: last as Command })),
    at(END, amend({ account: ALICE, of: before as Command, price: 99 })),
    at(END, cancelAll({ account: ALICE })),
  ];
  expect(run(all, commands)).toEqual([
    "11 ended, 0 traded: DONE",
    "1 ended, 0 traded: UNKNOWN_ORDER",
    "1 ended, 0 traded: UNKNOWN_ORDER",
    "3 ended, 0 traded: DONE",
  ]);
});

test("stops and auctions find expired orders gone", () => {
  const stop = (options: object): Command =>
    buy({ account: BOB, type: "STOP", stopPrice: 100, quantity: 1, ...options });
  const bid = () => buy({ account: BOB, price: 100, quantity: 1 });
  const offer = () => sell({ account: CAROL, price: 100, quantity: 1 });
  const stops = [stop({ timeInForce: "GTD", expireAt: END }), stop({})];
  const behind = sell({ account: CAROL, price: 105, quantity: 1 });
  const triggered = run(
    [...asks(9, 90), ...asks(3, 103), ...stops, behind],
    [at(END, offer()), at(END, bid())],
  );
  // Ten at first, of which nine are at 90; then the other two at 103, and the stop.
  expect(triggered).toEqual(["10 ended, 0 traded: ACCEPTED", "3 ended, 2 traded: FILLED"]);

  const gathered = [setSymbolState({ state: "AUCTION" }), ...asks(15), behind, bid(), offer()];
  const opened = [at(END, setSymbolState({ state: "TRADING" }))];
  expect(run(gathered, opened)).toEqual(["15 ended, 1 traded: DONE"]);
});
