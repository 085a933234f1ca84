import { expect, test } from "bun:test";
import { openGateway } from "../rig.ts";
import type { FakeSocket } from "./fake-socket.ts";

/** With the shares of four symbols 80 rows, which weigh 5 together. */
const ORDERS = 76;
/** As many as two of these. */
const WEIGHTS = 10;

const place = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 1, price: 1 };

/** A user with open orders. `wake` has so many milliseconds go by, and wakes who waited that long. */
async function open() {
  let waiting: { run: () => void; at: number }[] = [];
  const rig = await openGateway({
    limits: { orders_per_second: 1000, market_data_per_second: WEIGHTS, burst_limit: 1000 },
    later: (run, ms) => void waiting.push({ run, at: rig.clock.now + ms }),
  });
  const keys = await rig.createUser();
  const orders = rig.connectAs(keys);
  for (let n = 0; n < ORDERS; n++) rig.send(orders, { method: "order.place", params: place });
  await rig.loop.drained();
  orders.take();
  const login = (): FakeSocket => {
    const socket = rig.connect("user-data");
    rig.send(socket, { id: 1, method: "auth.login", params: keys });
    return socket;
  };
  const wake = (ms: number): void => {
    rig.clock.now += ms;
    const due = waiting.filter(({ at }) => at <= rig.clock.now);
    waiting = waiting.filter(({ at }) => at > rig.clock.now);
    for (const { run } of due) run();
  };
  return { rig, orders, login, wake, waiting: () => waiting.length };
}

/** What a connection was told: "login", the events of its account, or the code of an error. */
function told(socket: FakeSocket): unknown[] {
  return socket.take().map((message) => {
    const { data, error } = message as { data?: { event: string }; error?: { code: number } };
    return data?.event ?? error?.code ?? "login";
  });
}

test("an account snapshot is charged by its rows; a client that cannot pay is logged in and gets it later", async () => {
  const { rig, orders, login, wake, waiting } = await open();
  await using _ = rig;
  const all = Array.from({ length: 5 }, login);
  const both = ["login", "snapshot"];
  expect(all.map(told)).toEqual([both, both, ["login"], ["login"], ["login"]]);
  expect(waiting()).toBe(1);
  // Queries of the same user have nothing left either, and orders are not concerned.
  rig.send(orders, { method: "account.balances" });
  expect(told(orders)).toEqual([42902]);
  wake(99);
  expect(all.map(told)).toEqual([[], [], [], [], []]);
  // One who has left is not told, and does not pay.
  all[2].close(1000, "");
  wake(1);
  expect(all.map(told)).toEqual([[], [], [], ["snapshot"], []]);
  wake(499);
  expect(told(all[4])).toEqual([]);
  wake(1);
  expect(told(all[4])).toEqual(["snapshot"]);
  expect(waiting()).toBe(0);
  wake(10_000);
  expect(told(login())).toEqual(both);
  // Another user's bucket is another.
  expect(told(rig.connectAs(await rig.createUser(), "user-data"))).toEqual([]);
});

test("a snapshot that is requested again before it was sent is sent once", async () => {
  const { rig, orders, login, wake } = await open();
  await using _ = rig;
  login();
  login();
  const late = login();
  expect(told(late)).toEqual(["login"]);
  rig.clock.now += 100;
  rig.send(late, { method: "user_data.resume", params: { from_seq: 1 } });
  await rig.loop.drained();
  const last = Number(rig.streams.lastSeq(1));
  while (late.received.length < 1 + last) await new Promise(setImmediate);
  expect(told(late)).not.toContain("snapshot");
  wake(10_000);
  wake(10_000);
  rig.send(orders, { method: "order.place", params: place });
  await rig.loop.drained();
  expect(told(late)).toEqual(["order", "balance"]);
});
