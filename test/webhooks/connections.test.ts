import { afterEach, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { Connections, type ConnectionsParts } from "../../src/webhooks/connections.ts";
import { until } from "../lib/until.ts";

const TAKEN = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const receivers: Receiver[] = [];
const opened: Connections[] = [];
afterEach(() => {
  for (const connections of opened.splice(0)) connections.close();
  for (const receiver of receivers.splice(0)) receiver.close();
});

/** Answers every post as it is told; by connection, the bodies that came. */
class Receiver {
  readonly heard: string[][] = [];
  readonly sockets: Socket[] = [];
  answer: (socket: Socket) => void = (socket) => void socket.write(TAKEN);
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      const own: string[] = [];
      this.heard.push(own);
      this.sockets.push(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        // A post is small, and the next one comes after its answer.
        own.push(String(chunk).split("\r\n\r\n")[1] ?? "");
        this.answer(socket);
      });
    });
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    receivers.push(receiver);
    await new Promise<void>((resolve) => receiver.#server.listen(0, "0.0.0.0", resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

async function open(more: Partial<ConnectionsParts> = {}) {
  const receiver = await Receiver.open();
  const time = { now: 0 };
  const connections = new Connections({ monotonic: () => time.now, timeoutMs: 60_000, ...more });
  opened.push(connections);
  const { port } = receiver;
  const url = new URL(`http://localhost:${port}/`);
  const post = (
    body: string,
    webhook = 1,
    addresses: readonly [string, ...string[]] = ["127.0.0.1"],
  ): Promise<number> => connections.post(webhook, { addresses, port, url }, {}, body);
  return { receiver, connections, time, post };
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

test.each([
  [TAKEN],
  ["HTTP/1.1 204 No Content\r\n\r\n"],
  ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"],
])("after %j the next post goes over the same connection", async (answer) => {
  const { receiver, post } = await open();
  receiver.answer = (socket) => void socket.write(answer);
  for (const body of ["a", "b", "c"]) await post(body);
  expect(receiver.heard).toEqual([["a", "b", "c"]]);
});

test.each([
  ["HTTP/1.1 200 OK\r\n\r\n"],
  ["HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  // Of which the end has not come, or more than there is to be.
  ["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"],
  ["HTTP/1.1 200 OK\r\nContent-Len"],
  [`${TAKEN}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`],
  [`HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n${"x".repeat(9000)}`],
])("after %j the next post gets a connection of its own", async (answer) => {
  const { receiver, post } = await open();
  receiver.answer = (socket) => void socket.write(answer);
  expect(await post("a")).toBe(200);
  expect(await post("b")).toBe(200);
  expect(receiver.heard).toEqual([["a"], ["b"]]);
});

test("the connection is kept if an answer ends before the next post", async () => {
  const { receiver, post } = await open();
  receiver.answer = (socket) => void socket.write(TAKEN.slice(0, -1));
  await post("a");
  const [socket] = receiver.sockets as [Socket];
  await new Promise((resolve) => socket.write("k", resolve));
  // A byte that comes to another connection of this process has passed it.
  receiver.answer = (other) => void other.write(TAKEN);
  await post("b", 2);
  await post("c");
  expect(receiver.heard).toEqual([["a", "c"], ["b"]]);
});

test("if a receiver closes an idle connection, the next post is sent once, on a new one", async () => {
  const { receiver, post } = await open();
  await post("a");
  const [first] = receiver.sockets as [Socket];
  const ended = closed(first);
  first.end();
  // Both ends are closed: the exchange knows.
  await ended;
  await post("b");
  expect(receiver.heard).toEqual([["a"], ["b"]]);
});

test("if a receiver closes the connection while the next post is written, the post is sent on a new one", async () => {
  const { receiver, post } = await open();
  for (let i = 0; i < 50; i++) {
    expect(await post(`${i}`)).toBe(200);
    // The post is written before the event loop can tell that it is closed.
    receiver.sockets.at(-1)?.destroy();
  }
  expect(receiver.heard).toEqual(Array.from({ length: 50 }, (_, i) => [`${i}`]));
});

test("if a receiver reads a post and closes, the post is sent once more; a second time is a failure", async () => {
  const { receiver, post } = await open();
  await post("a");
  receiver.answer = (socket) => {
    socket.destroy();
    receiver.answer = (next) => void next.write(TAKEN);
  };
  expect(await post("b")).toBe(200);
  expect(receiver.heard).toEqual([["a", "b"], ["b"]]);
  receiver.answer = (socket) => socket.destroy();
  await expect(post("c")).rejects.toThrow();
  expect(receiver.heard).toEqual([["a", "b"], ["b", "c"], ["c"]]);
});

test("a post is not sent again if its answer has begun or does not come", async () => {
  const { receiver, post } = await open({ timeoutMs: 2000 });
  receiver.answer = (socket) => void socket.write(TAKEN);
  await post("a");
  receiver.answer = (socket) => void socket.end("HTTP/1.1 2");
  await expect(post("b")).rejects.toThrow();
  receiver.answer = (socket) => void socket.write(TAKEN);
  await post("c");
  receiver.answer = () => undefined;
  await expect(post("d")).rejects.toThrow("no answer in 2000 ms");
  expect(receiver.heard).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("a receiver that sends something without a request loses its connection", async () => {
  const { receiver, post } = await open();
  await post("a");
  const [first] = receiver.sockets as [Socket];
  const ended = closed(first);
  first.write(TAKEN);
  await ended;
  receiver.answer = (socket) => void socket.write("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  expect(await post("b")).toBe(500);
  expect(receiver.heard).toEqual([["a"], ["b"]]);
});

test("a receiver that has gone is reported like one that was never there", async () => {
  const { receiver, post } = await open();
  await post("a");
  receiver.close();
  await expect(post("b")).rejects.toThrow(/ECONNREFUSED|connect/i);
});

test("a connection is kept while the receiver's name still resolves to its address", async () => {
  const { receiver, post } = await open();
  await post("a", 1, ["127.0.0.1", "127.0.0.2"]);
  await post("b", 1, ["127.0.0.2", "127.0.0.1"]);
  expect(receiver.heard).toEqual([["a", "b"]]);
  const [first] = receiver.sockets as [Socket];
  const ended = closed(first);
  await post("c", 1, ["127.0.0.2"]);
  await ended;
  expect(receiver.heard).toEqual([["a", "b"], ["c"]]);
  expect(receiver.sockets[1]?.localAddress).toBe("127.0.0.2");
});

test("each webhook has its own connection; above the limit of kept connections, the next one is closed after its post", async () => {
  const { receiver, connections, post } = await open({ keptMax: 2 });
  await post("a", 1);
  await post("b", 2);
  await post("c", 1);
  expect(receiver.heard).toEqual([["a", "c"], ["b"]]);
  await post("d", 3);
  await closed(receiver.sockets[2] as Socket);
  expect(connections.size).toBe(2);
  await post("e", 3);
  await post("f", 2);
  expect(receiver.heard).toEqual([["a", "c"], ["b", "f"], ["d"], ["e"]]);
});

test("connections that are idle for four seconds are closed, and all of them at the end", async () => {
  const { receiver, connections, time, post } = await open();
  await post("a", 1);
  time.now = 2000;
  await post("b", 2);
  time.now = 4000;
  const ended = receiver.sockets.map(closed);
  connections.sweep();
  await ended[0];
  expect(connections.size).toBe(1);
  connections.close();
  await ended[1];
  expect(connections.size).toBe(0);
  // One that was under way.
  await post("c", 3);
  expect(connections.size).toBe(0);
  await until(() => receiver.sockets[2]?.destroyed === true);
});
