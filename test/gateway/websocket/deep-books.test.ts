import { expect, test } from "bun:test";
import { until } from "../../lib/until.ts";
import { openGateway } from "../rig.ts";
import type { FakeSocket } from "./fake-socket.ts";

/** Of SYMBOL_1; they weigh 2. SYMBOL_2 has fewer than what weighs anything. */
const LEVELS = 120;
const FEW_LEVELS = 49;
const WEIGHTS = 4;

/** Two books. `wake` has so many milliseconds go by, and wakes who waited that long. */
async function open() {
  let waiting: { run: () => void; at: number }[] = [];
  const rig = await openGateway({
    limits: { orders_per_second: 1000, market_data_per_second: WEIGHTS, burst_limit: 1000 },
    later: (run, ms) => void waiting.push({ run, at: rig.clock.now + ms }),
  });
  const offers = rig.connectAs(await rig.createUser());
  const offer = (symbol: string, price: number) => {
    const params = { symbol, side: "SELL", type: "LIMIT", quantity: 1, price };
    rig.send(offers, { method: "order.place", params });
  };
  for (let n = 1; n <= LEVELS; n++) offer("SYMBOL_1", n);
  for (let n = 1; n <= FEW_LEVELS; n++) offer("SYMBOL_2", n);
  await rig.loop.drained();
  const wake = (ms: number): void => {
    rig.clock.now += ms;
    const due = waiting.filter(({ at }) => at <= rig.clock.now);
    waiting = waiting.filter(({ at }) => at > rig.clock.now);
    for (const { run } of due) run();
  };
  const ask = (socket: FakeSocket, method: string, channels: string[], ...symbols: string[]) =>
    rig.send(socket, { id: 1, method, params: { channels, symbols } });
  return { rig, offer, wake, ask, waiting: () => waiting.length };
}

/** What a connection was told: "answer", an error's code, or the channel and the levels of a book. */
function told(socket: FakeSocket): unknown[] {
  return socket.take().map((message) => {
    const { stream, data, error } = message as {
      stream?: string;
      data?: { asks?: unknown[] };
      error?: { code: number };
    };
    if (stream !== undefined) return `${stream} ${data?.asks?.length}`;
    return error?.code ?? "answer";
  });
}

test("a deep book is paid for by its levels; where something is owed it is told later", async () => {
  const { rig, offer, wake, ask, waiting } = await open();
  await using _ = rig;
  const [first, second] = [rig.connect("market-data"), rig.connect("market-data")];
  // 2, and 2 for 120 levels: nothing is left.
  ask(first, "subscribe", ["depth"], "SYMBOL_1");
  expect(told(first)).toEqual(["answer", `depth ${LEVELS}`]);
  ask(second, "subscribe", ["depth"], "SYMBOL_1");
  expect(told(second)).toEqual([42902]);
  // One is there, two are taken: the book has to wait for two more, and so does what comes behind it.
  wake(250);
  ask(second, "subscribe", ["depth", "book"], "SYMBOL_1");
  expect([told(second), waiting()]).toEqual([["answer"], 1]);
  offer("SYMBOL_1", LEVELS + 1);
  await rig.loop.drained();
  expect([told(first), told(second)]).toEqual([["depth 1"], []]);
  wake(500);
  await until(() => second.session.joining === null);
  expect(told(second)).toEqual([`depth ${LEVELS + 1}`, "market_data 20"]);
  offer("SYMBOL_1", LEVELS + 2);
  await rig.loop.drained();
  expect(told(second)).toEqual(["depth 1"]);
});

test("a book with few levels does not wait, whatever is owed, and costs nothing more", async () => {
  const { rig, wake, ask, waiting } = await open();
  await using _ = rig;
  const socket = rig.connect("market-data");
  ask(socket, "subscribe", ["depth"], "SYMBOL_2");
  ask(socket, "subscribe", ["depth"], "SYMBOL_2");
  expect(told(socket)).toEqual(["answer", "depth 49", "answer", "depth 49"]);
  wake(250);
  ask(socket, "subscribe", ["depth"], "SYMBOL_2");
  expect([told(socket), waiting()]).toEqual([["answer", "depth 49"], 0]);
});

test("all books together are paid for by the levels of each", async () => {
  const { rig, wake, ask } = await open();
  await using _ = rig;
  const socket = rig.connect("market-data");
  ask(socket, "subscribe", ["depth"], "*");
  expect(told(socket)).toEqual(["answer", "depth 0", "depth 120", "depth 49", "depth 0"]);
  wake(249);
  ask(socket, "subscribe", ["bbo"], "SYMBOL_1");
  expect(told(socket)).toEqual([42902]);
  wake(1);
  ask(socket, "subscribe", ["bbo"], "SYMBOL_1");
  expect(told(socket)[0]).toBe("answer");
});

test("one who unsubscribes or leaves while a book waits is not told of it", async () => {
  const { rig, wake, ask, waiting } = await open();
  await using _ = rig;
  const [first, stays, leaves] = [0, 1, 2].map(() => rig.connect("market-data"));
  ask(first, "subscribe", ["depth"], "SYMBOL_1");
  rig.clock.now += 250;
  ask(stays, "subscribe", ["depth"], "SYMBOL_1");
  rig.clock.now += 500;
  ask(leaves, "subscribe", ["depth"], "SYMBOL_1");
  expect([told(stays), told(leaves), waiting()]).toEqual([["answer"], ["answer"], 2]);
  rig.clock.now += 500;
  ask(stays, "unsubscribe", ["depth"], "*");
  leaves.socket.close(1000, "");
  wake(1000);
  await until(() => stays.session.joining === null);
  expect([told(stays), told(leaves)]).toEqual([["answer"], []]);
  expect(rig.sockets.filter(({ topics }) => topics.has("depth/1/json"))).toEqual([first]);
});

test("a resume of depth is paid for by the changes that are told", async () => {
  const { rig, offer, ask } = await open();
  await using _ = rig;
  const socket = rig.connect("market-data");
  ask(socket, "subscribe", ["depth"], "SYMBOL_0");
  for (let n = 1; n <= 100; n++) offer("SYMBOL_0", n);
  await rig.loop.drained();
  told(socket);
  const resume = (symbol: string) => {
    const params = { symbol, from_seq: 1 };
    rig.send(socket, { id: 1, method: "depth.resume", params });
    return told(socket)[0];
  };
  /** How much more than there was the last request has weighed. */
  const owed = async () => {
    const { error } = (await rig.ask(socket, {
      method: "symbols.get",
      params: { symbol: "SYMBOL_0" },
    })) as { error: { details: { retry_after_ms: number } } };
    return (error.details.retry_after_ms * WEIGHTS) / 1000 - 1;
  };
  rig.clock.now += 1000;
  // 20, and 2 for 100 changes.
  expect(resume("SYMBOL_0")).toBe("answer");
  expect(await owed()).toBe(22 - WEIGHTS);
  rig.clock.now += 60_000;
  // Nobody had subscribed when they were made, so they cannot be told.
  expect(resume("SYMBOL_1")).toBe(41001);
  expect(await owed()).toBe(20 - WEIGHTS);
});
