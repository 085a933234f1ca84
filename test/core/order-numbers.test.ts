/** Order numbers: arena slot and generation, never given twice. */
import { beforeEach, expect, test } from "bun:test";
import { orderGeneration, orderNumber, orderSlot } from "../../src/core/command.ts";
import { EventKind } from "../../src/core/event.ts";
import { O_GENERATION, ORDER_SHIFT } from "../../src/core/whistle/order-arena.ts";
import {
  buy,
  type Command,
  cancel,
  cancelAll,
  depositCash,
  listSymbol,
  openAccount,
  record,
} from "./command-builder.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";

const core = createTestCore(1);
let run: CoreRun;

beforeEach(() => {
  core.reset();
  run = new CoreRun(core);
  run.setUp(
    listSymbol({ symbol: 0 }),
    openAccount({ account: 1 }),
    depositCash({ account: 1, amount: 1_000 }),
  );
});

/** Slot and generation of the reply. */
function replyTo(command: Command): [slot: number, generation: number] {
  run.beginTick();
  run.apply(command);
  const { events } = core;
  let e = 0;
  while (!events.isReply(e)) e = events.next(e);
  if (events.kind(e) === EventKind.REJECT) {
    const number = events.rejectOrder(e);
    return [orderSlot(number), orderGeneration(number)];
  }
  return [events.slot(events.order(e)), events.generation(events.order(e))];
}

const bid = (): Command => buy({ account: 1, price: 1, quantity: 1 });

test.each([
  [1, 0, 1],
  [1, 1, 2 ** 21 + 1],
  [2 ** 21 - 1, 2 ** 31 - 1, 2 ** 52 - 1],
  [2 ** 21 - 1, -1, Number.MAX_SAFE_INTEGER],
])("slot %d, generation %d is number %d", (slot, generation, number) => {
  expect(orderNumber(slot, generation)).toBe(number);
  expect([orderSlot(number), orderGeneration(number)]).toEqual([slot, generation]);
});

test("the slot that was freed last is used next, with its next generation", () => {
  const [first, second] = [bid(), bid()];
  expect([replyTo(first), replyTo(second)]).toEqual([
    [1, 0],
    [2, 0],
  ]);
  run.setUp(cancel({ account: 1, of: second }), cancel({ account: 1, of: first }));
  expect([replyTo(bid()), replyTo(bid()), replyTo(bid())]).toEqual([
    [1, 1],
    [2, 1],
    [3, 0],
  ]);
});

test("a slot that has used up its generations is never used again", () => {
  run.setUp(bid(), cancelAll({ account: 1 }));
  core.arena.ints[(1 << ORDER_SHIFT) + O_GENERATION] = -1;
  expect(replyTo(bid())).toEqual([1, -1]);
  run.setUp(cancelAll({ account: 1 }));
  expect([replyTo(bid()), replyTo(bid())]).toEqual([
    [2, 0],
    [3, 0],
  ]);
});

test("a refusal names the order in the same way as the command", () => {
  const { fields } = cancel({ account: 1 });
  expect(replyTo(record({ ...fields, slot: 99, generation: -7 }))).toEqual([99, -7]);
});
