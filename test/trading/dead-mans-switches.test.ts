import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { Lifecycle } from "../../src/lib/lifecycle.ts";
import { DeadMansSwitches } from "../../src/trading/dead-mans-switches.ts";
import { openGateway } from "../gateway/rig.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function open() {
  const cancelled: [account: number, user: number][] = [];
  /** By account: how many are armed, neither disarmed nor carried out. */
  const armed = new Map<number, number>();
  const count = (account: number, change: number) => {
    const now = (armed.get(account) ?? 0) + change;
    if (now === 0) armed.delete(account);
    else armed.set(account, now);
  };
  const cancels = {
    arm: (_cause: number, account: number) => count(account, 1),
    disarm: (_cause: number, account: number) => count(account, -1),
    carryOut: async (_cause: number, account: number, user: number) => {
      count(account, -1);
      cancelled.push([account, user]);
    },
  };
  const switches = new DeadMansSwitches(cancels, new Lifecycle());
  const wait = (ms: number) => {
    jest.advanceTimersByTime(ms);
    return cancelled.splice(0);
  };
  return { switches, wait, armed };
}

const [ann, bob] = [{ openedAt: 0 }, { openedAt: 0 }];

test("fires once, when its time is over and not before", () => {
  const { switches, wait } = open();
  switches.arm(ann, 3, 7, 1000);
  expect([wait(999), wait(1), wait(5000)]).toEqual([[], [[3, 7]], []]);
});

test("starts again when it is set again, for the session that set it last", () => {
  const { switches, wait } = open();
  switches.arm(ann, 3, 7, 1000);
  wait(999);
  switches.arm(ann, 3, 8, 2000);
  expect([wait(1999), wait(1), wait(5000)]).toEqual([[], [[3, 8]], []]);
});

test("does not fire once it is disarmed, and can be armed again", () => {
  const { switches, wait } = open();
  switches.arm(ann, 3, 7, 1000);
  switches.disarm(ann, 3);
  switches.disarm(ann, 3);
  expect(wait(5000)).toEqual([]);
  switches.arm(ann, 3, 7, 10);
  expect(wait(10)).toEqual([[3, 7]]);
});

test("each session has its own switch for an account, and no other session sets or disarms it", () => {
  const { switches, wait } = open();
  switches.arm(ann, 3, 7, 1000);
  switches.arm(bob, 3, 8, 2000);
  switches.disarm(bob, 3);
  expect(wait(1000)).toEqual([[3, 7]]);
  switches.arm(ann, 3, 7, 1000);
  switches.arm(bob, 3, 8, 2000);
  expect([wait(1000), wait(1000), wait(5000)]).toEqual([[[3, 7]], [[3, 8]], []]);
});

test("a session that logs in to another account leaves the first account's switch as it is", () => {
  const { switches, wait } = open();
  switches.arm(ann, 3, 7, 1000);
  switches.arm(ann, 4, 9, 1000);
  switches.disarm(ann, 4);
  expect(wait(1000)).toEqual([[3, 7]]);
});

test("the switch of a lost session fires, unless a later session sets or disarms it", () => {
  const { switches, wait } = open();
  switches.arm(ann, 3, 7, 1000);
  switches.arm(ann, 4, 7, 1000);
  switches.leave(ann, 50);
  switches.arm(bob, 3, 8, 5000);
  switches.disarm(bob, 3);
  const again = { openedAt: 50 };
  switches.disarm(again, 3);
  expect([wait(1000), wait(5000)]).toEqual([[[4, 7]], []]);
  switches.arm(ann, 3, 7, 1000);
  switches.leave(ann, 60);
  switches.disarm(again, 3);
  expect([wait(1000), wait(5000)]).toEqual([[[3, 7]], []]);
});

test("at shutdown the orders of all accounts with armed switches are cancelled", () => {
  const { switches, wait, armed } = open();
  switches.arm(ann, 1, 11, 1000);
  switches.arm(ann, 2, 12, 2000);
  switches.arm(ann, 3, 13, 3000);
  switches.arm(bob, 3, 13, 4000);
  switches.disarm(ann, 2);
  expect(wait(1000)).toEqual([[1, 11]]);
  switches.leave(bob, 10);
  switches.letGo();
  expect([wait(0), wait(5000)]).toEqual([[[3, 13]], []]);
  expect([...armed]).toEqual([]);
});

test("each that is armed is noted until it is disarmed or goes off, and set again without a gap", () => {
  const { switches, wait, armed } = open();
  switches.arm(ann, 3, 7, 1000);
  switches.arm(bob, 3, 8, 1000);
  switches.arm(ann, 3, 7, 2000);
  expect([...armed]).toEqual([[3, 2]]);
  switches.disarm(bob, 3);
  expect([...armed]).toEqual([[3, 1]]);
  switches.leave(ann, 5);
  expect([...armed]).toEqual([[3, 1]]);
  switches.disarm({ openedAt: 6 }, 3);
  expect([...armed]).toEqual([]);
  switches.arm(ann, 3, 7, 2000);
  wait(2000);
  expect([...armed]).toEqual([]);
});

const after = (timeout_ms: number) => ({
  method: "orders.cancel_all_after",
  params: { timeout_ms },
});
const order = {
  method: "order.place",
  params: { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", price: 10, quantity: 1 },
};

test("cancels the orders of a client that is gone; of one that came back, when he says so", async () => {
  jest.useRealTimers();
  await using rig = await openGateway();
  const [gone, other] = [await rig.createUser(), await rig.createUser()];
  const [first, bystander] = [rig.connectAs(gone), rig.connectAs(other)];
  await rig.ask(first, order);
  await rig.ask(bystander, order);
  jest.useFakeTimers();
  const asked = async (socket: typeof first, ms: number) => {
    rig.send(socket, after(ms));
    return socket.take();
  };
  expect(await asked(first, 1000)).toEqual([{ result: { timeout_ms: 1000 } }]);
  first.close(1006, "");
  const again = rig.connectAs(gone);
  await asked(again, 60_000);
  jest.advanceTimersByTime(2000);
  jest.useRealTimers();
  await rig.loop.drained();
  expect(rig.view.openOrderCount()).toBe(2);

  jest.useFakeTimers();
  await asked(again, 1000);
  again.close(1006, "");
  jest.advanceTimersByTime(1000);
  jest.useRealTimers();
  await rig.loop.drained();
  expect(rig.view.openOrderCount()).toBe(1);
  expect(await rig.ask(bystander, { method: "orders.open" })).toMatchObject({
    result: { orders: [{ status: "ACCEPTED" }] },
  });
});

test("needs the permission to trade", async () => {
  jest.useRealTimers();
  await using rig = await openGateway();
  const reader = rig.connectAs(await rig.createUser(["market_data"]));
  expect(await rig.ask(reader, after(1000))).toMatchObject({ error: { code: 40300 } });
  expect(await rig.ask(rig.connect("orders"), after(1000))).toMatchObject({
    error: { code: 40100 },
  });
});
