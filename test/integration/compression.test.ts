import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { messageFrame } from "../../bench/load/client-frames.ts";
import { emptyBlocks } from "../../bench/siege/empty-blocks.ts";
import { DEFLATED_MAX } from "../../src/gateway/websocket/deflate-offers.ts";
import type { Credentials } from "../../src/identity/api-key.ts";
import { openRealExchange } from "../gateway/real-exchange.ts";

interface Frame {
  isCompressed: boolean;
  message: Record<string, unknown>;
}

/** A WebSocket by hand: it sees which frames were compressed. */
class Frames implements Disposable {
  extensions = "";
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #isOpen = false;
  isClosed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    // One that the exchange cuts is reset; the close tells.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async open(url: string, path: string, extensions: string | null): Promise<Frames> {
    const [host = "", port] = url.split(":");
    const frames = new Frames(connect(Number(port), host));
    frames.#socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${url}`,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ...(extensions === null ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
        "\r\n",
      ].join("\r\n"),
    );
    await frames.#until(() => frames.#received.includes("\r\n\r\n"));
    const end = frames.#received.indexOf("\r\n\r\n");
    const head = frames.#received.subarray(0, end).toString();
    [, frames.extensions = ""] = /^sec-websocket-extensions: (.*)$/im.exec(head) ?? [];
    frames.#received = frames.#received.subarray(end + 4);
    frames.#isOpen = true;
    return frames;
  }

  send(message: object): void {
    this.#socket.write(messageFrame(message, "json"));
  }

  /** A compressed text frame. */
  sendCompressed(text: Uint8Array): void {
    this.sendDeflated(deflateRawSync(text, { finishFlush: 2, level: 9 }).subarray(0, -4));
  }

  /** The same of what is compressed already. */
  sendDeflated(payload: Uint8Array): void {
    const head = Buffer.alloc(14);
    head[0] = 0xc1;
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
    // Masked with zeros.
    this.#socket.write(Buffer.concat([head, payload]));
  }

  async next(): Promise<Frame> {
    let frame = this.#take();
    while (frame === null) {
      await this.#until(() => this.isClosed || this.#take(true) !== null);
      if (this.isClosed) throw new Error("closed");
      frame = this.#take();
    }
    return frame;
  }

  async closed(): Promise<void> {
    await this.#until(() => this.isClosed);
  }

  #take(isLook = false): Frame | null {
    const bytes = this.#received;
    if (!this.#isOpen || bytes.length < 2) return null;
    let length = (bytes[1] as number) & 0x7f;
    let start = 2;
    if (length === 126) {
      if (bytes.length < 4) return null;
      length = bytes.readUInt16BE(2);
      start = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return null;
      length = Number(bytes.readBigUInt64BE(2));
      start = 10;
    }
    if (bytes.length < start + length) return null;
    const isCompressed = ((bytes[0] as number) & 0x40) !== 0;
    const payload = bytes.subarray(start, start + length);
    if (!isLook) this.#received = bytes.subarray(start + length);
    const text = isCompressed ? inflateRawSync(payload, { finishFlush: 2 }) : payload;
    return { isCompressed, message: JSON.parse(text.toString()) };
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

const OFFER = "permessage-deflate; client_max_window_bits";

describe("gateway.compression = true", () => {
  let real: Awaited<ReturnType<typeof openRealExchange>>;
  let keys: Credentials;

  beforeAll(async () => {
    real = await openRealExchange({ WAIVER_GATEWAY__COMPRESSION: "true" });
    keys = await real.createUser({ rate_limits: { orders_per_second: 1e6, burst_limit: 1e6 } });
  });
  afterAll(() => real[Symbol.asyncDispose]());

  test("compresses long answers and pushes of market data for who offered it", async () => {
    using frames = await Frames.open(real.url, "/market-data", OFFER);
    expect(frames.extensions).toContain("permessage-deflate");
    frames.send({ id: 1, method: "symbols.list", params: {} });
    const list = await frames.next();
    expect([list.isCompressed, list.message.id]).toEqual([true, 1]);
    const { symbols } = list.message.result as { symbols: object[] };
    expect(symbols).toHaveLength(512);
    frames.send({ id: 2, method: "ping", params: {} });
    expect(await frames.next()).toMatchObject({ isCompressed: false, message: { id: 2 } });
  });

  test("compresses books that are published, once they are long", async () => {
    using frames = await Frames.open(real.url, "/market-data", OFFER);
    const [symbol = ""] = real.exchange.symbols();
    frames.send({ method: "subscribe", params: { channels: ["book"], symbols: [symbol] } });
    const seen = [await frames.next(), await frames.next()];
    expect(seen.map(({ isCompressed }) => isCompressed)).toEqual([false, false]);
    const trader = await real.connectAs(keys);
    const order = { symbol, side: "BUY", type: "LIMIT", quantity: 1 };
    const heard: Frame[] = [];
    for (let price = 10_000; price < 10_030; price++) {
      await trader.ask("order.place", { ...order, price });
      heard.push(await frames.next());
    }
    const { isCompressed, message } = heard.at(-1) as Frame;
    expect(isCompressed).toBe(true);
    expect((message.data as { bids: unknown[] }).bids).toHaveLength(20);
    trader.close();
  });

  test("compresses nothing of a user's own, however long: keys, orders, balances", async () => {
    using frames = await Frames.open(real.url, "/user-data", OFFER);
    frames.send({ id: 1, method: "auth.login", params: { ...pick(keys) } });
    frames.send({ id: 2, method: "orders.open", params: {} });
    const seen = [await frames.next(), await frames.next(), await frames.next()];
    // Published, where Bun would compress if it were not told otherwise.
    const trader = await real.connectAs(keys);
    const [symbol] = real.exchange.symbols();
    await trader.ask("order.place", { symbol, side: "BUY", type: "LIMIT", quantity: 1, price: 9 });
    seen.push(await frames.next(), await frames.next());
    trader.close();
    expect(seen.map(({ isCompressed }) => isCompressed)).toEqual(Array(5).fill(false));
    expect(
      seen.map(({ message }) => (message.data as { event?: string } | undefined)?.event),
    ).toEqual(expect.arrayContaining(["snapshot", "order", "balance"]));
    expect(Math.max(...seen.map(({ message }) => JSON.stringify(message).length))).toBeGreaterThan(
      1000,
    );
  });

  test("does not for who did not offer it", async () => {
    using frames = await Frames.open(real.url, "/market-data", null);
    expect(frames.extensions).toBe("");
    frames.send({ method: "symbols.list", params: {} });
    expect((await frames.next()).isCompressed).toBe(false);
  });

  test("reads compressed requests, and ends who sends one that is longer than a frame may be", async () => {
    using frames = await Frames.open(real.url, "/market-data", OFFER);
    frames.sendCompressed(Buffer.from('{"id":7,"method":"ping","params":{}}'));
    expect((await frames.next()).message.id).toBe(7);
    // Bun answers nothing: it unpacks no more than 128 KiB, and closes.
    frames.sendCompressed(Buffer.alloc(128 * 1024 + 1, 0x20));
    await frames.closed();
    using other = await Frames.open(real.url, "/market-data", OFFER);
    other.send({ id: 8, method: "ping", params: {} });
    expect((await other.next()).message.id).toBe(8);
  });
});

test("an address has compression on a few connections at a time", async () => {
  await using real = await openRealExchange({ WAIVER_GATEWAY__COMPRESSION: "true" });
  using stack = new DisposableStack();
  const open = async () => stack.use(await Frames.open(real.url, "/market-data", OFFER));
  const isOn = async () => (await open()).extensions !== "";
  const first = await open();
  for (let n = 1; n < DEFLATED_MAX; n++) expect(await isOn()).toBe(true);
  const other = await open();
  expect(other.extensions).toBe("");
  other.send({ id: 1, method: "ping", params: {} });
  expect((await other.next()).message.id).toBe(1);
  first[Symbol.dispose]();
  while (!(await isOn())) await new Promise(setImmediate);
});

test.skipIf(process.platform !== "linux")(
  "who sends what is nothing and dear to unpack is ended, and has compression no more",
  async () => {
    await using real = await openRealExchange({ WAIVER_GATEWAY__COMPRESSION: "true" });
    using frames = await Frames.open(real.url, "/market-data", OFFER);
    expect(frames.extensions).not.toBe("");
    const nothing = emptyBlocks(100_000);
    while (!frames.isClosed) {
      frames.sendDeflated(nothing);
      await new Promise(setImmediate);
    }
    using other = await Frames.open(real.url, "/market-data", OFFER);
    expect(other.extensions).toBe("");
  },
);

test("gateway.compression = false, the default, negotiates nothing", async () => {
  await using real = await openRealExchange();
  using frames = await Frames.open(real.url, "/market-data", OFFER);
  expect(frames.extensions).toBe("");
  frames.send({ method: "symbols.list", params: {} });
  expect((await frames.next()).isCompressed).toBe(false);
});

function pick({ api_key, api_secret }: Credentials): Credentials {
  return { api_key, api_secret };
}
