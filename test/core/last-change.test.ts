/**
 * When an order came in and when it last changed: the times, and the tick, which is not state; in memory, where
 * the command is repeated, and in the view of open orders.
 */
import { expect, test } from "bun:test";
import {
  O_CREATED_AT_F64,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "../../src/core/whistle/order-arena.ts";
import {
  amend,
  at,
  buy,
  type Command,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
} from "./command-builder.ts";
import { createOrderFields } from "./read-events.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";

/** Changes of the first order that was placed, which takes the first slot. */
const asked = { price: 100, quantity: 10, clientId: "first" };
const first = buy({ ...asked, account: 1 });
const changes: [name: string, changing: Command, changes: boolean][] = [
  ["a fill", sell({ account: 1, price: 100, quantity: 1, selfTrade: "NONE" }), true],
  ["less quantity", amend({ account: 1, of: first, quantity: 9 }), true],
  ["another price", amend({ account: 1, of: first, price: 99 }), true],
  [
    "a self-trade that reduces it",
    sell({ account: 1, price: 100, quantity: 1, selfTrade: "DECREMENT" }),
    true,
  ],
  ["an amendment to what it is", amend({ account: 1, of: first, quantity: 10 }), false],
  ["an amendment that is refused", amend({ account: 1, of: first, price: 1_000 }), false],
  ["another order", buy({ account: 1, price: 100, quantity: 1 }), false],
];

test.each(changes)("%s", (_, changing, changes) => {
  const run = new CoreRun(createTestCore(1));
  run.setUp(
    listSymbol({ symbol: 0 }),
    openAccount({ account: 1 }),
    depositCash({ account: 1, amount: 2_000 }),
    depositShares({ account: 1, amount: 10 }),
  );
  run.beginTick();
  run.apply(at(5_000, first));
  const before = { createdAt: 5_000, timestamp: 5_000, tick: 2 };
  expectLastChange(run, before);
  run.beginTick();
  run.apply(at(6_000, changing));
  run.beginTick();
  const after = changes ? { createdAt: 5_000, timestamp: 6_000, tick: 3 } : before;
  expectLastChange(run, after);
  const again = run.apply(at(7_000, buy({ ...asked, account: 1 })));
  expect(again).toMatchObject([{ event: "ORDER", duplicate: true, unchanged: true, ...after }]);
  const { core } = run;
  const fields = createOrderFields();
  core.view.readOpenOrder(fields, 1);
  expect(fields).toMatchObject(after);
});

test("an amendment that changes nothing reports when the order last changed", () => {
  const run = new CoreRun(createTestCore(1));
  run.setUp(
    listSymbol({ symbol: 0 }),
    openAccount({ account: 1 }),
    depositCash({ account: 1, amount: 2_000 }),
    at(5_000, first),
  );
  run.beginTick();
  const [reply] = run.apply(at(6_000, amend({ account: 1, of: first, price: 100 })));
  const unchanged = { createdAt: 5_000, timestamp: 5_000, tick: 1 };
  expect(reply).toMatchObject({ event: "ORDER", duplicate: false, unchanged: true, ...unchanged });
});

/** When the orders in the slots 1 and 2 came in and last changed. */
const stampsOf = ({ core: { arena } }: CoreRun) =>
  [1, 2].map((slot) => {
    const d = slot << (ORDER_SHIFT - 1);
    return { createdAt: arena.doubles[d + O_CREATED_AT_F64], tick: arena.doubles[d + O_TICK_F64] };
  });

test("an older snapshot that keeps the times apart from the orders is read", () => {
  const run = new CoreRun(createTestCore(1));
  run.core.restoreOrderStamps(Float64Array.of(0, 0, 7, 4_000, 8, 4_500));
  expect(stampsOf(run)).toEqual([
    { createdAt: 4_000, tick: 7 },
    { createdAt: 4_500, tick: 8 },
  ]);
});

test("a snapshot from before creation times were kept uses the time of the last change instead", () => {
  const run = new CoreRun(createTestCore(1));
  const { core } = run;
  core.arena.doubles[(1 << (ORDER_SHIFT - 1)) + O_TIMESTAMP_F64] = 5_000;
  core.arena.doubles[(2 << (ORDER_SHIFT - 1)) + O_TIMESTAMP_F64] = 6_000;
  core.restoreOrderTicks(Float64Array.of(0, 7, 8));
  expect(stampsOf(run)).toEqual([
    { createdAt: 5_000, tick: 7 },
    { createdAt: 6_000, tick: 8 },
  ]);
});

/** What stands in memory of the order in the first slot. */
function expectLastChange(
  { core }: CoreRun,
  expected: Record<"createdAt" | "timestamp" | "tick", number>,
): void {
  const { doubles } = core.arena;
  const d = 1 << (ORDER_SHIFT - 1);
  expect({
    createdAt: doubles[d + O_CREATED_AT_F64],
    timestamp: doubles[d + O_TIMESTAMP_F64],
    tick: doubles[d + O_TICK_F64],
  }).toEqual(expected);
}
