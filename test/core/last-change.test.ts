/** When an order last changed: the time, which is state, and the tick, which is not. */
import { expect, test } from "bun:test";
import { createCore } from "../../src/core/core.ts";
import { O_TIMESTAMP_F64, ORDER_SHIFT } from "../../src/core/whistle/order-arena.ts";
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
import { CoreRun } from "./run.ts";

/** Changes of the first order that was placed, which takes the first slot. */
const first = buy({ account: 1, price: 100, quantity: 10 });
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
  const core = createCore(1);
  const run = new CoreRun(core);
  run.setUp(
    listSymbol({ symbol: 0 }),
    openAccount({ account: 1 }),
    depositCash({ account: 1, amount: 2_000 }),
    depositShares({ account: 1, amount: 10 }),
  );
  run.beginTick();
  run.apply(at(5_000, first));
  const lastChange = (): number[] => [
    core.arena.ticks[1],
    core.arena.doubles[(1 << (ORDER_SHIFT - 1)) + O_TIMESTAMP_F64],
  ];
  expect(lastChange()).toEqual([2, 5_000]);
  run.beginTick();
  run.apply(at(6_000, changing));
  expect(lastChange()).toEqual(changes ? [3, 6_000] : [2, 5_000]);
});
