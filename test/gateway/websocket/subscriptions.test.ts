import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ENCODINGS } from "../../../src/protocol/encoding.ts";
import { type GatewayRig, openGateway, SYMBOLS } from "../rig.ts";

/** Topics of market data with subscribers, as `channel/symbol/encoding`, and how many. */
function counts({ sockets }: GatewayRig): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { topics } of sockets) {
    for (const topic of topics) {
      if (!topic.startsWith("notice/")) found[topic] = (found[topic] ?? 0) + 1;
    }
  }
  return found;
}

const subscribe = (channels: string[], symbols: string[]) => ({
  method: "subscribe",
  params: { channels, symbols },
});
const unsubscribe = (channels: string[], symbols: string[]) => ({
  method: "unsubscribe",
  params: { channels, symbols },
});

/** A user who offers one share of a symbol at a time. */
async function createSeller(rig: GatewayRig) {
  const socket = rig.connectAs(await rig.createUser());
  return async (symbol: number): Promise<void> => {
    const order = {
      symbol: `SYMBOL_${symbol}`,
      side: "SELL",
      type: "LIMIT",
      price: 10,
      quantity: 1,
    };
    await rig.ask(socket, { method: "order.place", params: order });
  };
}

const bookOf = (symbol: number, quantity: number, tick: number) => ({
  stream: "market_data",
  data: {
    symbol: `SYMBOL_${symbol}`,
    bids: [],
    asks: quantity === 0 ? [] : [[10, quantity]],
    last_trade: null,
    tick,
  },
});

describe("a subscriber", () => {
  for (const encoding of ENCODINGS) {
    test(`gets the answer, then the state, then changes (${encoding})`, async () => {
      await using rig = await openGateway();
      const offer = await createSeller(rig);
      await offer(1);
      const socket = rig.connect("market-data", encoding);
      rig.send(socket, { id: 1, ...subscribe(["book", "status"], ["SYMBOL_1", "SYMBOL_1"]) });
      await offer(1);
      await offer(2);
      expect(socket.received.every(({ binary }) => binary === (encoding === "msgpack"))).toBe(true);
      expect(socket.take()).toEqual([
        { id: 1, result: { subscribed: ["book.SYMBOL_1", "status.SYMBOL_1"] } },
        bookOf(1, 1, 3),
        {
          stream: "status",
          data: { event: "symbol", symbol: "SYMBOL_1", state: "TRADING", timestamp: 1000, tick: 3 },
        },
        bookOf(1, 2, 4),
      ]);
    });
  }

  test("of status is told of maintenance first, once, and others are not", async () => {
    await using rig = await openGateway();
    const socket = rig.connect("market-data", "msgpack");
    const times = { starts_at: 2000, ends_at: 3000 };
    const window = { window: "mnt_1", ...times, message: "Disks", phase: "scheduled" } as const;
    rig.maintenance.announce([window]);
    // Nothing is told at a time before the last tick, whatever the clock says.
    rig.clock.now -= 500;
    const streams = (channels: string[], ...symbols: string[]) => {
      rig.send(socket, subscribe(channels, symbols));
      return (socket.take() as { stream?: string; data?: object }[]).slice(1);
    };
    expect(streams(["bbo", "book"], "SYMBOL_1").map(({ stream }) => stream)).toEqual([
      "bbo",
      "market_data",
    ]);
    expect(streams(["book", "status"], "SYMBOL_2", "SYMBOL_3")).toMatchObject([
      {
        stream: "status",
        data: { event: "maintenance", ...window, timestamp: 1000, tick: expect.any(Number) },
      },
      ...[{ stream: "market_data" }, { stream: "market_data" }],
      ...["SYMBOL_2", "SYMBOL_3"].map((symbol) => ({ data: { event: "symbol", symbol } })),
    ]);
    expect(streams(["status"], "*").every(({ stream }) => stream === "status")).toBe(true);
    rig.send(socket, subscribe(["status"], ["SYMBOL_1"]));
    expect(JSON.stringify(socket.take())).not.toContain("maintenance");
  });

  test("is answered in the encoding of the request and served in the connection's", async () => {
    await using rig = await openGateway();
    const socket = rig.connect("market-data", "msgpack");
    rig.send(socket, subscribe(["book"], ["SYMBOL_0"]), "json");
    expect(socket.received).toEqual([
      { binary: false, message: { result: { subscribed: ["book.SYMBOL_0"] } } },
      { binary: true, message: bookOf(0, 0, 1) },
    ]);
  });

  test("sees nothing of the tick in flight, and then all of it once", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const socket = rig.connect("market-data");
    rig.journal.isHolding = true;
    const offered = offer(1);
    await rig.inFlight();
    rig.send(socket, subscribe(["book"], ["SYMBOL_1"]));
    expect(socket.take()).toEqual([]);
    rig.journal.letGo();
    await offered;
    expect(socket.take()).toEqual([{ result: { subscribed: ["book.SYMBOL_1"] } }, bookOf(1, 1, 3)]);
  });

  test("of * gets the state of every symbol, and each change once", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const socket = rig.connect("market-data");
    rig.send(socket, subscribe(["book"], ["SYMBOL_2"]));
    socket.take();
    rig.send(socket, subscribe(["book"], ["SYMBOL_1", "*"]));
    expect(socket.take()).toEqual([
      { result: { subscribed: ["book.*"] } },
      ...SYMBOLS.map((symbol) => bookOf(symbol, 0, 2)),
    ]);
    rig.send(socket, subscribe(["book"], ["SYMBOL_2"]));
    expect(socket.take()).toEqual([{ result: { subscribed: ["book.SYMBOL_2"] } }, bookOf(2, 0, 2)]);
    await offer(2);
    await offer(3);
    expect(socket.take()).toEqual([bookOf(2, 1, 3), bookOf(3, 1, 4)]);
    expect(counts(rig)).toEqual({ "book/*/json": 1 });

    rig.send(socket, { method: "subscriptions" });
    rig.send(socket, unsubscribe(["book"], ["SYMBOL_2"]));
    rig.send(socket, unsubscribe(["book", "trades"], ["*"]));
    rig.send(socket, { method: "subscriptions" });
    expect(socket.take()).toEqual([
      { result: { subscribed: ["book.*"] } },
      { result: { unsubscribed: [] } },
      { result: { unsubscribed: ["book.*"] } },
      { result: { subscribed: [] } },
    ]);
    await offer(2);
    expect([socket.take(), counts(rig)]).toEqual([[], {}]);
  });

  test("that takes it back before the tick is durable is not subscribed", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const socket = rig.connect("market-data");
    rig.journal.isHolding = true;
    const offered = offer(1);
    await rig.inFlight();
    rig.send(socket, { id: 1, ...subscribe(["trades"], ["SYMBOL_1"]) });
    rig.send(socket, { id: 2, method: "subscriptions" });
    rig.send(socket, { id: 3, ...unsubscribe(["trades"], ["SYMBOL_1"]) });
    rig.send(socket, { id: 4, method: "subscriptions" });
    rig.journal.letGo();
    await offered;
    expect(socket.take()).toEqual([
      { id: 1, result: { subscribed: ["trades.SYMBOL_1"] } },
      { id: 2, result: { subscribed: ["trades.SYMBOL_1"] } },
      { id: 3, result: { unsubscribed: ["trades.SYMBOL_1"] } },
      { id: 4, result: { subscribed: [] } },
    ]);
    expect(counts(rig)).toEqual({});
  });

  test("that is gone before the tick is durable leaves nothing behind", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const socket = rig.connect("market-data");
    rig.journal.isHolding = true;
    const offered = offer(1);
    await rig.inFlight();
    rig.send(socket, subscribe(["book", "trades"], ["SYMBOL_1", "SYMBOL_2"]));
    socket.close(1000, "gone");
    rig.journal.letGo();
    await offered;
    expect([counts(rig), socket.session.subscriptions?.size ?? 0]).toEqual([{}, 0]);
  });

  test("that does not read is closed over the state and leaves nothing behind", async () => {
    await using rig = await openGateway();
    const socket = rig.connect("market-data");
    rig.send(socket, subscribe(["trades"], ["*"]));
    expect(counts(rig)).toEqual({ "trades/*/json": 1 });
    // The answer, and the first symbols' states.
    socket.room = 3;
    rig.send(socket, subscribe(["book", "bbo"], ["*"]));
    expect(socket.closed).toEqual({ code: 4008, reason: "slow consumer" });
    expect([counts(rig), socket.session.subscriptions?.size ?? 0, rig.bugs]).toEqual([{}, 0, []]);
  });

  test("names a symbol that there is not, and is subscribed to none", async () => {
    await using rig = await openGateway();
    const socket = rig.connect("market-data");
    rig.send(socket, subscribe(["book"], ["SYMBOL_0", "SYMBOL_7"]));
    rig.send(socket, subscribe(["book"], ["NOBODY"]));
    const unknown = (symbol: string) => ({
      error: { code: 40003, message: "Unknown symbol", details: { symbol } },
    });
    expect(socket.take()).toEqual([unknown("SYMBOL_7"), unknown("NOBODY")]);
    expect(counts(rig)).toEqual({});
  });

  test("may name a ticker, and is answered with the symbol", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const socket = rig.connect("market-data");
    rig.send(socket, subscribe(["book"], ["BBETA", "SYMBOL_1"]));
    await offer(1);
    expect(socket.take()).toEqual([
      { result: { subscribed: ["book.SYMBOL_1"] } },
      bookOf(1, 0, 2),
      bookOf(1, 1, 3),
    ]);
  });

  test("of candles has one subscription for each interval", async () => {
    await using rig = await openGateway();
    const socket = rig.connect("market-data");
    const candles = (interval: object) => ({
      channels: ["candles"],
      symbols: ["SYMBOL_1"],
      ...interval,
    });
    rig.send(socket, { method: "subscribe", params: candles({}) });
    rig.send(socket, { method: "subscribe", params: candles({ interval: "5m" }) });
    rig.send(socket, { method: "unsubscribe", params: candles({ interval: "1h" }) });
    rig.send(socket, { method: "unsubscribe", params: candles({}) });
    rig.send(socket, { method: "subscriptions" });
    expect(socket.take()).toEqual([
      { result: { subscribed: ["candles.SYMBOL_1"] } },
      { result: { subscribed: ["candles.SYMBOL_1.5m"] } },
      { result: { unsubscribed: [] } },
      { result: { unsubscribed: ["candles.SYMBOL_1"] } },
      { result: { subscribed: ["candles.SYMBOL_1.5m"] } },
    ]);
  });

  test("of heartbeats names no symbol, and hears one", async () => {
    await using rig = await openGateway();
    const socket = rig.connect("market-data");
    rig.send(socket, { method: "subscribe", params: { channels: ["heartbeat"] } });
    rig.broadcaster.onBeat();
    expect(socket.take()).toEqual([
      { result: { subscribed: ["heartbeat"] } },
      { stream: "heartbeat", data: { timestamp: 1000, tick: 1, sequence: 4 } },
    ]);
    rig.send(socket, { method: "unsubscribe", params: { channels: ["heartbeat"] } });
    expect(socket.take()).toEqual([{ result: { unsubscribed: ["heartbeat"] } }]);
    expect(counts(rig)).toEqual({});
  });
});

describe("depth.resume", () => {
  const resume = (from_seq: number, symbol = "SYMBOL_1") => ({
    method: "depth.resume",
    params: { symbol, from_seq },
  });

  for (const encoding of ENCODINGS) {
    test(`tells again what was missed, as it was told, and goes on live (${encoding})`, async () => {
      await using rig = await openGateway();
      const offer = await createSeller(rig);
      const [watching, lost] = [1, 2].map(() => rig.connect("market-data", encoding));
      rig.send(watching, subscribe(["depth"], ["SYMBOL_1"]));
      for (let i = 0; i < 3; i++) await offer(1);
      const told = watching.frames.slice(2);
      rig.send(lost, { id: 1, ...resume(2) });
      expect(lost.frames.slice(1)).toEqual(told.slice(1));
      const answer = { id: 1, result: { symbol: "SYMBOL_1", from_seq: 2, last_seq: 3 } };
      expect(lost.take()[0]).toEqual(answer);
      watching.take();
      await offer(1);
      expect(lost.frames).toEqual(watching.frames);
      expect(lost.take()).toMatchObject([{ stream: "depth", data: { first_seq: 4, last_seq: 4 } }]);
    });
  }

  test("goes on after a snapshot, which has to be nobody's subscription", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const socket = rig.connect("market-data");
    await offer(1);
    const params = { symbol: "SYMBOL_1" };
    const snapshot = await rig.ask(socket, { method: "book.snapshot", params });
    expect(snapshot).toMatchObject({ result: { asks: [[10, 1]], seq: 1 } });
    await offer(1);
    rig.send(socket, resume(2));
    expect(socket.take()).toMatchObject([
      { result: { symbol: "SYMBOL_1", from_seq: 2, last_seq: 2 } },
      { stream: "depth", data: { first_seq: 2, last_seq: 2, bids: [], asks: [[10, 2]] } },
    ]);
    rig.send(socket, resume(3));
    expect(socket.take()).toEqual([{ result: { symbol: "SYMBOL_1", from_seq: 3, last_seq: 2 } }]);
    expect(counts(rig)).toEqual({ "depth/1/json": 1 });
  });

  test("goes on after a subscription has ended, also when the clock was set back", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const [socket, lost] = [rig.connect("market-data"), rig.connect("market-data")];
    rig.clock.now += 3_600_000;
    await offer(1);
    rig.send(lost, subscribe(["depth"], ["SYMBOL_1"]));
    rig.clock.now -= 3_600_000;
    rig.send(lost, {
      method: "unsubscribe",
      params: { channels: ["depth"], symbols: ["SYMBOL_1"] },
    });
    await offer(1);
    rig.send(socket, resume(2));
    expect(socket.take()).toMatchObject([{ result: { from_seq: 2, last_seq: 2 } }, {}]);
  });

  test("says what it can still tell, what there is not yet, and which symbol there is not", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const socket = rig.connect("market-data");
    await offer(1);
    for (const ask of [resume(1), resume(3), resume(1, "NOBODY")]) rig.send(socket, ask);
    expect(socket.take()).toEqual([
      {
        error: { code: 41001, message: "Replay no longer available", details: { oldest_seq: 2 } },
      },
      {
        error: {
          code: 40001,
          message: "Invalid parameters",
          details: { field: "from_seq", issue: "Must be at most 2, the number of the next change" },
        },
      },
      { error: { code: 40003, message: "Unknown symbol" } },
    ]);
    expect(counts(rig)).toEqual({});
  });
});

test("without subscribers nothing is encoded; with them once for each encoding and topic", async () => {
  await using rig = await openGateway();
  const offer = await createSeller(rig);
  await offer(1);
  expect(rig.published).toEqual([]);
  for (const encoding of ENCODINGS) {
    for (const symbols of [["SYMBOL_1"], ["*"], ["SYMBOL_1"], ["SYMBOL_2"]]) {
      rig.send(rig.connect("market-data", encoding), subscribe(["book"], symbols));
    }
  }
  await offer(1);
  expect(rig.published).toEqual(["book/1/json", "book/*/json", "book/1/msgpack", "book/*/msgpack"]);
});

describe("everything of very many symbols", () => {
  const all = {
    method: "subscribe",
    params: { channels: ["book", "depth", "bbo"], symbols: ["*"] },
  };
  const streams = (messages: unknown[]) =>
    messages.map((message) => (message as { stream?: string }).stream ?? "answer");

  test("is told channel by channel, and others have their turn in between", async () => {
    await using rig = await openGateway({ listed: 4096 });
    const socket = rig.connect("market-data");
    rig.send(socket, all);
    const book = ["market_data", "market_data", "market_data", "market_data"];
    expect(streams(socket.take())).toEqual(["answer", ...book]);
    expect(await rig.ask(socket, { method: "subscriptions" })).toEqual({
      result: { subscribed: ["book.*", "depth.*", "bbo.*"] },
    });
    while (socket.topics.size < 4) await new Promise(setImmediate);
    expect(streams(socket.take()).filter((stream) => stream === "depth").length).toBe(4);
  });

  test("can be ended before all of it is told", async () => {
    await using rig = await openGateway({ listed: 4096 });
    const socket = rig.connect("market-data");
    rig.send(socket, all);
    const end = { method: "unsubscribe", params: { channels: ["depth", "book"], symbols: ["*"] } };
    expect(await rig.ask(socket, end)).toEqual({
      result: { unsubscribed: ["book.*", "depth.*"] },
    });
    while (!socket.topics.has("bbo/*/json")) await new Promise(setImmediate);
    expect(await rig.ask(socket, { method: "subscriptions" })).toEqual({
      result: { subscribed: ["bbo.*"] },
    });
  });

  test("is forgotten with its connection", async () => {
    await using rig = await openGateway({ listed: 4096 });
    const socket = rig.connect("market-data");
    rig.send(socket, all);
    socket.close(1000, "");
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    rig.send(rig.connectAs(await rig.createUser()), { method: "ping" });
    expect(rig.published).toEqual([]);
    expect(rig.bugs).toEqual([]);
  });
});

describe("who may", () => {
  const NOT_LOGGED_IN = { error: { code: 40100, message: "Not logged in" } };
  const asks = [
    subscribe(["book"], ["*"]),
    unsubscribe(["book"], ["*"]),
    { method: "subscriptions" },
    { method: "symbols.list" },
    { method: "book.snapshot", params: { symbol: "SYMBOL_0" } },
    { method: "trades.recent", params: { symbol: "SYMBOL_0" } },
  ];

  test("without a login nobody, where the configuration says so", async () => {
    await using rig = await openGateway({ anonymousMarketData: false });
    const socket = rig.connect("market-data");
    for (const ask of asks) rig.send(socket, ask);
    expect(socket.take()).toEqual(asks.map(() => NOT_LOGGED_IN));

    const trader = rig.connectAs(await rig.createUser(["trade"]), "market-data");
    for (const ask of asks) rig.send(trader, ask);
    const details = { permission: "market_data" };
    const missing = { error: { code: 40300, message: "Permission missing", details } };
    expect(trader.take()).toEqual(asks.map(() => missing));

    const reader = rig.connectAs(await rig.createUser(["market_data"]), "market-data");
    expect(await rig.ask(reader, { method: "subscriptions" })).toEqual({
      result: { subscribed: [] },
    });
  });

  test("no more often than the limit", async () => {
    const limits = { orders_per_second: 1, market_data_per_second: 2, burst_limit: 1 };
    await using rig = await openGateway({ limits });
    const socket = rig.connect("market-data");
    for (const ask of asks) rig.send(socket, ask);
    // The first of them weighs 2.
    const answers = socket.take().slice(-5);
    const error = { code: 42902, message: "Market data rate exceeded" };
    const refused = (retry_after_ms: number) => ({
      error: { ...error, details: { retry_after_ms } },
    });
    expect(answers).toEqual(answers.map(() => refused(500)));
    rig.clock.now += 500;
    // It weighs 10: what the bucket has too little is owed, by the address.
    expect(await rig.ask(socket, asks[2])).toEqual({ result: { subscribed: ["book.*"] } });
    expect(await rig.ask(rig.connect("market-data"), asks[2])).toEqual(refused(5000));
  });
});

test("a tick that could not be stored is shown to nobody", async () => {
  await using rig = await openGateway();
  const offer = await createSeller(rig);
  await offer(1);
  const socket = rig.connect("market-data");
  rig.send(socket, subscribe(["book"], ["SYMBOL_1"]));
  socket.take();
  rig.journal.isHolding = true;
  const offered = offer(1);
  await rig.inFlight();
  rig.send(socket, { id: 1, method: "book.snapshot", params: { symbol: "SYMBOL_1" } });
  rig.disk.flushFault = new Error("EIO");
  rig.journal.letGo();
  await offered;
  rig.send(socket, { id: 2, method: "book.snapshot", params: { symbol: "SYMBOL_1" } });
  rig.send(socket, { id: 3, ...subscribe(["bbo"], ["SYMBOL_1"]) });
  const error = { code: 50700, message: "Storage failed" };
  expect(socket.take()).toEqual([
    { id: 1, error },
    { id: 2, error },
    { id: 3, error },
  ]);
});

describe("whoever subscribes to whatever, in whatever order", () => {
  const CHANNELS = ["book", "trades"] as const;
  const NAMES = ["*", "SYMBOL_0", "SYMBOL_1", "SYMBOL_2"];
  const steps = fc.array(
    fc.record({
      client: fc.nat({ max: 3 }),
      what: fc.constantFrom("subscribe", "unsubscribe", "offer", "close"),
      channels: fc.subarray([...CHANNELS], { minLength: 1 }),
      symbols: fc.subarray(NAMES, { minLength: 1, maxLength: 2 }),
    }),
    { maxLength: 25 },
  );

  /** Who is subscribed to what, as a client would say. */
  class Model {
    readonly all = new Set<string>();
    readonly single = new Set<string>();

    subscribe(channel: string, symbols: string[]): void {
      if (symbols.includes("*")) {
        this.all.add(channel);
        this.leave(channel);
      } else if (!this.all.has(channel)) {
        for (const symbol of symbols) this.single.add(`${channel}.${symbol}`);
      }
    }

    leave(channel: string): void {
      for (const name of [...this.single]) if (name.startsWith(channel)) this.single.delete(name);
    }

    unsubscribe(channel: string, symbols: string[]): void {
      if (symbols.includes("*")) {
        this.all.delete(channel);
        this.leave(channel);
      }
      for (const symbol of symbols) this.single.delete(`${channel}.${symbol}`);
    }

    hears(channel: string, symbol: string): boolean {
      return this.all.has(channel) || this.single.has(`${channel}.${symbol}`);
    }
  }

  test("each hears each change once, and nothing is told to nobody", async () => {
    await using rig = await openGateway();
    const offer = await createSeller(rig);
    const run = async (list: typeof steps extends fc.Arbitrary<infer T> ? T : never) => {
      const clients = ENCODINGS.flatMap((encoding) =>
        [1, 2].map(() => ({ socket: rig.connect("market-data", encoding), model: new Model() })),
      );
      for (const { client, what, channels, symbols } of list) {
        const { socket, model } = clients[client];
        if (what === "offer") {
          for (const each of clients) each.socket.take();
          const symbol = symbols.find((name) => name !== "*") ?? "SYMBOL_0";
          await offer(Number(symbol.at(-1)));
          for (const each of clients) {
            const heard = each.socket.take().length;
            expect(heard).toBe(each.model.hears("book", symbol) ? 1 : 0);
          }
        } else if (what === "close") {
          socket.close(1000, "");
          clients[client] = { socket: rig.connect("market-data"), model: new Model() };
        } else {
          rig.send(socket, { method: what, params: { channels, symbols } });
          for (const channel of channels) model[what](channel, symbols);
        }
      }
      const living = clients.map(({ model: { all, single } }) => all.size + single.size);
      const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
      expect(sum(Object.values(counts(rig)))).toBe(sum(living));
      expect(clients.map(({ socket }) => socket.session.subscriptions?.size ?? 0)).toEqual(living);
      for (const { socket } of clients) socket.close(1000, "");
      expect(counts(rig)).toEqual({});
      rig.published.length = 0;
      for (const symbol of [0, 1, 2]) await offer(symbol);
      expect(rig.published).toEqual([]);
      rig.sockets.length = 0;
    };
    await fc.assert(fc.asyncProperty(steps, run), { numRuns: 60 });
  });
});

describe("while frames gather for very many", () => {
  /** A gateway that has a pause after each delivery, until it is told that the pause is over. */
  async function open() {
    let endPause: () => void = () => undefined;
    const rig = await openGateway({
      fanOut: {
        many: 1,
        nextTurn: queueMicrotask,
        later: (run) => {
          endPause = run;
        },
      },
    });
    const offer = await createSeller(rig);
    return { rig, offer, endPause: () => endPause() };
  }
  const depthOf = (messages: unknown[]) =>
    (messages as { data?: { symbol: string; first_seq: number; last_seq: number } }[]).flatMap(
      ({ data }) => (data === undefined ? [] : [[data.symbol, data.first_seq, data.last_seq]]),
    );

  test("one who comes gets the state, and then what came after it, once", async () => {
    const { rig, offer, endPause } = await open();
    await using _ = rig;
    const early = rig.connect("market-data");
    rig.send(early, { id: 1, ...subscribe(["depth"], ["SYMBOL_1"]) });
    await offer(1);
    await offer(1);
    expect(depthOf(early.take())).toEqual([
      ["SYMBOL_1", 0, 0],
      ["SYMBOL_1", 1, 1],
    ]);
    const late = rig.connect("market-data");
    rig.send(late, { id: 1, ...subscribe(["depth"], ["SYMBOL_1"]) });
    await offer(1);
    expect(depthOf(late.take())).toEqual([["SYMBOL_1", 2, 2]]);
    endPause();
    await offer(1);
    endPause();
    expect(depthOf(early.take())).toEqual([
      ["SYMBOL_1", 2, 2],
      ["SYMBOL_1", 3, 3],
      ["SYMBOL_1", 4, 4],
    ]);
    expect(depthOf(late.take())).toEqual([
      ["SYMBOL_1", 3, 3],
      ["SYMBOL_1", 4, 4],
    ]);
  });

  test("one who leaves before the pause is over hears nothing more", async () => {
    const { rig, offer, endPause } = await open();
    await using _ = rig;
    const early = rig.connect("market-data");
    rig.send(early, { id: 1, ...subscribe(["depth"], ["SYMBOL_1"]) });
    await offer(1);
    await offer(1);
    const late = rig.connect("market-data");
    rig.send(late, { id: 1, ...subscribe(["depth"], ["SYMBOL_1"]) });
    rig.send(late, { id: 2, ...unsubscribe(["depth"], ["SYMBOL_1"]) });
    await offer(1);
    late.take();
    endPause();
    await offer(1);
    endPause();
    expect(late.take()).toEqual([]);
    expect(early.topics.has("depth/1/json")).toBe(true);
    expect(late.topics.has("depth/1/json")).toBe(false);
  });

  test("one who subscribes again gets the state, and nobody else what waits", async () => {
    const { rig, offer, endPause } = await open();
    await using _ = rig;
    const [again, other] = [rig.connect("market-data"), rig.connect("market-data")];
    for (const each of [again, other])
      rig.send(each, { id: 1, ...subscribe(["depth"], ["SYMBOL_1"]) });
    await offer(1);
    await offer(1);
    for (const each of [again, other]) each.take();
    rig.send(again, { id: 2, ...subscribe(["depth"], ["SYMBOL_1"]) });
    expect(depthOf(again.take())).toEqual([["SYMBOL_1", 2, 2]]);
    expect(other.take()).toEqual([]);
    await offer(1);
    endPause();
    expect(depthOf(again.take())).toEqual([["SYMBOL_1", 3, 3]]);
    expect(depthOf(other.take())).toEqual([
      ["SYMBOL_1", 2, 2],
      ["SYMBOL_1", 3, 3],
    ]);
  });

  test.each([
    ["goes over from one symbol to all", "*"],
    ["subscribes again", "SYMBOL_1"],
  ])("whoever %s misses no trade", async (_what, next) => {
    const { rig, offer, endPause } = await open();
    await using _ = rig;
    const buyer = rig.connectAs(await rig.createUser());
    const trade = async (): Promise<void> => {
      await offer(1);
      const order = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
      await rig.ask(buyer, { method: "order.place", params: order });
    };
    const reader = rig.connect("market-data");
    rig.send(reader, { id: 1, ...subscribe(["trades"], ["SYMBOL_1"]) });
    await trade();
    await trade();
    rig.send(reader, { id: 2, ...subscribe(["trades"], [next]) });
    await trade();
    endPause();
    const ids = (reader.take() as { data?: { trade_id: number } }[]).flatMap(
      ({ data }) => data?.trade_id ?? [],
    );
    expect(ids).toEqual([1, 2, 3]);
  });
});
