/**
 * Checks that look into the book, on books of several pages that change between them, by a user with several accounts:
 * the sums that they keep are those of the levels.
 */
import { expect, test } from "bun:test";
import { replyOf } from "../reference/exchange-event.ts";
import {
  amend,
  buy,
  type Command,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  place,
  sell,
  setFees,
  setRules,
} from "./command-builder.ts";
import { Lockstep } from "./fuzz/lockstep.ts";
import { Random } from "./fuzz/random.ts";
import { createTestCore } from "./test-core.ts";

const MODES = ["CANCEL_NEWEST", "CANCEL_OLDEST", "CANCEL_BOTH", "DECREMENT", "NONE"] as const;
/** The first two are of one user. */
const [ONE, TWO, BOB, CAROL] = [1, 2, 3, 4] as const;
const PAGES = 4;
const SEEDS = 40;
const COMMANDS = 400;

/** Orders on both sides, changes of them, and orders that check what is there, of a few shares and of many. */
function* stream(random: Random, run: Lockstep): Generator<Command> {
  const placed: Command[] = [];
  for (let i = 0; i < COMMANDS; i++) {
    const side = random.pick(["BUY", "SELL"] as const);
    const away = random.between(1, random.once(3) ? 20 : 256 * PAGES);
    const middle = 256 * PAGES;
    const account = random.pick([ONE, TWO, BOB, BOB, CAROL, CAROL, CAROL]);
    const kind = random.weighted({ rest: 8, amend: 6, cancel: 2, sweep: 8 });
    if (kind === "rest" || placed.length === 0) {
      const price = side === "BUY" ? middle - away : middle + away;
      const command = place({ account, side, price, quantity: random.between(1, 9) });
      placed.push(command);
      yield command;
    } else if (kind === "sweep") {
      // Mostly a little more than there is, so that the book stays.
      const deep = random.between(1, 256 * PAGES);
      const price = side === "BUY" ? middle + deep : Math.max(1, middle - deep);
      const isWhole = !random.once(4);
      const isSmall = random.once(2);
      const there = sharesAt(run, side, price) + random.pick([0, 1, 1, 2, 2, 3, 3, 4]);
      yield place({
        account: random.pick([ONE, TWO]),
        side,
        type: isWhole && !random.once(8) ? "LIMIT" : "MARKET",
        price,
        quantity: isWhole ? Math.max(1, there) : isSmall ? 1 : 100_000,
        timeInForce: isWhole || !isSmall ? "FOK" : "IOC",
        selfTrade: random.pick(MODES),
      });
    } else {
      const of = random.pick(placed);
      const target = { account: of.fields.account ?? 0, of };
      yield kind === "amend"
        ? amend({ ...target, quantity: random.between(1, 9) })
        : cancel(target);
    }
  }
}

/** What waits on the other side at a price or better. */
function sharesAt(run: Lockstep, side: "BUY" | "SELL", price: number): number {
  const { asks, bids } = run.view().symbols[0] ?? { asks: [], bids: [] };
  const within =
    side === "BUY"
      ? asks.filter((order) => order.price <= price)
      : bids.filter((order) => order.price >= price);
  return within.reduce((sum, { remaining }) => sum + remaining, 0);
}

const few = { scannedOrdersMax: 6 };
test.each([
  ["as many own orders as there are", createTestCore(1), {}],
  ["few own orders", createTestCore(1, { work: few }), few],
])("checks that look at %s", (_, core, limits) => {
  const answers = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    core.reset();
    const random = new Random(seed);
    const lockstep = new Lockstep(core, { checkEvery: COMMANDS, tickLength: 3, limits });
    const setUp = [
      setRules({}),
      listSymbol({ symbol: 0 }),
      setFees({ maker: 3, taker: random.pick([0, 40]) }),
      ...[ONE, TWO, BOB, CAROL].flatMap((account) => [
        openAccount({ account, user: account === TWO ? ONE : account }),
        depositCash({
          account,
          amount: account > TWO ? 2 ** 40 : random.pick([150_000, 2 ** 40, 2 ** 40]),
        }),
        depositShares({ account, amount: 1_000_000 }),
      ]),
    ];
    for (const command of [...setUp, ...stream(random, lockstep)]) {
      const { events, difference } = lockstep.apply(command);
      expect(difference).toBeUndefined();
      const reply = replyOf(events);
      const answer = reply.event === "REJECT" ? reply.code : reply.event;
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  }
  const seen = ["FILL_OR_KILL", "INSUFFICIENT_FUNDS", "NO_LIQUIDITY", "SELF_TRADE", "ORDER"];
  for (const answer of seen) expect([answer, answers.get(answer)]).not.toEqual([answer, undefined]);
  expect(answers.has("CAPACITY")).toBe(limits === few);
});

test("accounts of one user are known as such after a restart, too", () => {
  const core = createTestCore(1);
  const lockstep = new Lockstep(core, { checkEvery: 1, tickLength: 1 });
  const apply = (command: Command) => {
    const { events, difference } = lockstep.apply(command);
    expect(difference).toBeUndefined();
    return replyOf(events);
  };
  apply(setRules({}));
  apply(listSymbol({ symbol: 0 }));
  for (const [account, user] of [
    [1, 7],
    [2, 0],
    [3, 7],
    [4, 0],
    [5, 7],
  ]) {
    apply(openAccount({ account, user }));
    apply(depositCash({ account, amount: 10_000 }));
    apply(depositShares({ account, amount: 100 }));
  }
  core.accounts.restored();
  const ring = [1, 2, 3, 4, 5].map((account) => core.accounts.nextOfUser(account));
  expect(ring.map((next) => [1, 3, 5].includes(next))).toEqual([true, false, true, false, true]);
  expect([ring[1], ring[3]]).toEqual([2, 4]);
  expect(new Set(ring).size).toBe(5);
  for (const account of [1, 2, 3, 4]) apply(sell({ account, price: 100, quantity: 10 }));
  const fok = { account: 5, price: 100, timeInForce: "FOK", selfTrade: "CANCEL_OLDEST" } as const;
  expect(apply(buy({ ...fok, quantity: 21 }))).toMatchObject({ code: "FILL_OR_KILL" });
  expect(apply(buy({ ...fok, quantity: 20 }))).toMatchObject({ status: "FILLED" });
});
