import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { crc32, DepthBook, textOf } from "./depth-book.ts";
import { detailed, invalid } from "./expectations.ts";
import { SeededRandom } from "./load-generator.ts";
import { RandomOrders } from "./random-orders.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Encoding, type Members, type WireClient } from "./wire-client.ts";

const SEED = Number(Bun.env.WAIVER_DEPTH_SEED ?? Date.now() & 0x7fff_ffff);
/** Requests of each user in a row, and how many of them wait for an answer at a time. */
const REQUESTS = 500;
const IN_FLIGHT = 16;
const ALL_LEVELS = 1_000;

let venue: Venue;
beforeAll(async () => {
  // Snapshots are asked for without a pause.
  venue = await Venue.open({
    config: "[gateway.rate_limits]\nmarket_data_per_second = 1000000\n",
  });
});
afterAll(() => venue[Symbol.asyncDispose]());

/** A connection that puts a symbol's book together, and can lose itself and resume. */
class DepthReader implements Disposable {
  #read = 0;

  private constructor(
    private client: WireClient,
    readonly book: DepthBook,
  ) {}

  static async subscribe(encoding: Encoding, symbol: string): Promise<DepthReader> {
    const client = await venue.open("/market-data", encoding);
    const asked = { channels: ["depth"], symbols: [symbol] };
    expect(await client.result("subscribe", asked)).toEqual({ subscribed: [`depth.${symbol}`] });
    return new DepthReader(client, new DepthBook(symbol));
  }

  /** Never subscribes: takes a snapshot, and resumes from the change after it. */
  static async follow(encoding: Encoding, symbol: string): Promise<DepthReader> {
    const client = await venue.open("/market-data", encoding);
    const asked = { symbol, levels: ALL_LEVELS };
    const book = DepthBook.of(await client.result("book.snapshot", asked));
    const reader = new DepthReader(client, book);
    await reader.#resume();
    return reader;
  }

  /** Breaks the connection off, and goes on with another from the change after the last one seen. */
  async reconnect(): Promise<void> {
    const { encoding } = this.client;
    this.client[Symbol.dispose]();
    this.#pump();
    this.client = await venue.open("/market-data", encoding);
    this.#read = 0;
    await this.#resume();
  }

  /** Settles when the book is so far. */
  until(isFar: (book: DepthBook) => boolean, what: string): Promise<void> {
    return this.client.until(() => isFar(this.#pump()), what);
  }

  /** Settles after so many more messages. */
  more(count: number): Promise<void> {
    const enough = this.#pump().messages + count;
    return this.until(({ messages }) => messages >= enough, `${count} more messages`);
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
  }

  async #resume(): Promise<void> {
    const { symbol, lastSeq } = this.book;
    const from_seq = lastSeq + 1;
    const answer = await this.client.result("depth.resume", { symbol, from_seq });
    expect(answer).toEqual({ symbol, from_seq, last_seq: expect.any(Number) });
    expect(Number(answer.last_seq)).toBeGreaterThanOrEqual(lastSeq);
  }

  #pump(): DepthBook {
    const { pushes } = this.client;
    for (; this.#read < pushes.length; this.#read++) {
      this.book.apply((pushes[this.#read] as { data: Members }).data);
    }
    return this.book;
  }
}

test("the checksum is that of the standard", () => {
  expect(crc32("123456789")).toBe(0xcb_f4_39_26);
});

describe.each(ENCODINGS)("depth in %s", (encoding) => {
  test(`puts the book together under load (WAIVER_DEPTH_SEED=${SEED})`, async () => {
    const symbols = [venue.symbol(), venue.symbol()];
    const [symbol = "", other = ""] = symbols;
    const random = new SeededRandom(SEED);
    const users: RandomOrders[] = [];
    for (const speaks of [...ENCODINGS, ...ENCODINGS]) {
      users.push(await RandomOrders.open(venue, symbols, speaks, random));
    }
    using early = await DepthReader.subscribe(encoding, symbol);
    using beside = await DepthReader.subscribe(encoding, other);
    let isLoaded = true;
    let isRead = false;
    // However few ticks the requests come in, there are changes until the readers have read enough of them.
    const orders = async (user: RandomOrders): Promise<void> => {
      do await user.run(REQUESTS, IN_FLIGHT);
      while (!isRead);
    };
    const load = Promise.all(users.map(orders)).then(() => {
      isLoaded = false;
    });
    using asker = await venue.open("/market-data", encoding);
    const snapshots: Members[] = [];
    const asking = (async () => {
      while (isLoaded) {
        snapshots.push(await asker.result("book.snapshot", { symbol, levels: ALL_LEVELS }));
      }
    })();
    await early.more(50);
    using late = await DepthReader.subscribe(encoding, symbol);
    using follower = await DepthReader.follow(encoding, symbol);
    for (let round = 0; round < 4; round++) {
      await Promise.all([late.more(20), follower.more(30)]);
      await Promise.all([late.reconnect(), follower.reconnect()]);
    }
    isRead = true;
    await Promise.all([load, asking]);

    const readers = [early, late, follower, beside];
    for (const reader of readers) {
      const { book } = reader;
      const end = await asker.result("book.snapshot", { symbol: book.symbol, levels: ALL_LEVELS });
      await reader.until(({ lastSeq }) => lastSeq >= Number(end.seq), "the last change");
      expect([book.faults, book.lastSeq, book.text()]).toEqual([[], Number(end.seq), textOf(end)]);
    }
    const seen = snapshots.filter(({ seq }) => early.book.history.has(Number(seq)));
    expect(seen.length).toBeGreaterThan(10);
    const wrong = seen.filter(
      (snapshot) => early.book.history.get(Number(snapshot.seq)) !== textOf(snapshot),
    );
    expect(wrong).toEqual([]);
    // Every snapshot but those of the empty book is one of the states that were told.
    expect(snapshots.filter(({ seq }) => Number(seq) > 0)).toEqual(
      seen.filter(({ seq }) => Number(seq) > 0),
    );
    for (const user of users) {
      expect(user.taken).toBeGreaterThan(REQUESTS / 4);
      user[Symbol.dispose]();
    }
  });

  test("begins with the whole book, and tells each change by its new total", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("BUY", 98, 5);
    await ann.place("BUY", 99, 3);
    const ask = await bob.place("SELL", 101, 7);
    using reader = await venue.open("/market-data", encoding);
    await reader.result("subscribe", { channels: ["depth"], symbols: [symbol] });
    await reader.until(() => reader.pushes.length === 1, "the whole book");
    const more = await ann.place("BUY", 99, 4);
    const sold = await bob.place("SELL", 98, 9);
    const moved = await bob.orders.result("order.amend", { order_id: ask.order_id, price: 102 });
    await reader.until(() => reader.pushes.length === 4, "three changes");
    const at = ({ timestamp, tick }: Members) => ({ symbol, timestamp, tick });
    const bids = (...levels: number[][]) => levels;
    expect(reader.pushes.map(({ stream }) => stream)).toEqual(Array(4).fill("depth"));
    expect(reader.of("depth")).toEqual([
      {
        ...at(ask),
        first_seq: 3,
        last_seq: 3,
        bids: bids([99, 3], [98, 5]),
        asks: [[101, 7]],
        checksum: crc32("99:3,98:5|101:7"),
        snapshot: true,
      },
      {
        ...at(more),
        first_seq: 4,
        last_seq: 4,
        bids: [[99, 7]],
        asks: [],
        checksum: crc32("99:7,98:5|101:7"),
      },
      {
        ...at(sold),
        first_seq: 5,
        last_seq: 6,
        bids: bids([99, 0], [98, 3]),
        asks: [],
        checksum: crc32("98:3|101:7"),
      },
      {
        ...at(moved),
        first_seq: 7,
        last_seq: 8,
        bids: [],
        asks: [
          [101, 0],
          [102, 7],
        ],
        checksum: crc32("98:3|102:7"),
      },
    ]);
    expect(await reader.result("book.snapshot", { symbol })).toMatchObject({ seq: 8 });
  });

  test("resumes from the next change without a replay, and not from a later one", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    using reader = await venue.open("/market-data", encoding);
    expect(await reader.result("book.snapshot", { symbol })).toMatchObject({ seq: 0 });
    await ann.place("BUY", 98, 5);
    const resume = (from_seq: number) => ({ symbol, from_seq });
    expect(await reader.refusal("depth.resume", resume(3))).toEqual(invalid("from_seq"));
    expect(await reader.refusal("depth.resume", resume(-1))).toEqual(invalid("from_seq"));
    expect(await reader.result("depth.resume", resume(0))).toEqual({ ...resume(1), last_seq: 1 });
    await reader.until(() => reader.pushes.length === 1, "the first change");
    expect(reader.of("depth")).toMatchObject([{ first_seq: 1, last_seq: 1 }]);
    reader.pushes.splice(0);
    expect(await reader.result("depth.resume", resume(2))).toEqual({ ...resume(2), last_seq: 1 });
    const placed = await ann.place("BUY", 97, 4);
    await reader.until(() => reader.pushes.length === 1, "the next change");
    expect(reader.of("depth")).toMatchObject([
      { first_seq: 2, last_seq: 2, bids: [[97, 4]], tick: placed.tick },
    ]);
    expect((await reader.result("subscriptions")).subscribed).toEqual([`depth.${symbol}`]);
  });

  test("from a change that is no longer kept gets 41001 with the oldest one that is", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    // Nobody looks at the symbol yet.
    await ann.place("BUY", 98, 5);
    await ann.place("BUY", 97, 4);
    using reader = await venue.open("/market-data", encoding);
    await reader.result("subscribe", { channels: ["depth"], symbols: [symbol] });
    await ann.place("BUY", 96, 3);
    await reader.until(() => reader.pushes.length === 2, "the book and a change");
    using late = await venue.open("/market-data", encoding);
    const tooOld = detailed(41001, { oldest_seq: 3 });
    for (const from_seq of [1, 2]) {
      expect(await late.refusal("depth.resume", { symbol, from_seq })).toEqual(tooOld);
    }
    expect(late.pushes).toEqual([]);
    await late.result("depth.resume", { symbol, from_seq: 3 });
    await late.until(() => late.pushes.length === 1, "the change");
    expect(late.pushes).toEqual(reader.pushes.slice(1));
  });

  test("goes on with the same numbers after kill -9 and after an orderly stop", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    await ann.place("BUY", 98, 5);
    await ann.place("BUY", 97, 4);
    let seq = 2;
    for (const end of ["kill", "stop"] as const) {
      await venue.server[end]();
      await venue.restart();
      using reader = await DepthReader.subscribe(encoding, symbol);
      using orders = await venue.connect("/orders", encoding, ann.user);
      const bid = { symbol, side: "BUY", type: "LIMIT", price: 98, quantity: 1 };
      await orders.result("order.place", bid);
      await reader.until(({ messages }) => messages === 2, "the book and a change");
      const { book } = reader;
      expect([book.faults, [...book.history.keys()]]).toEqual([[], [seq, seq + 1]]);
      seq++;
      using asker = await venue.open("/market-data", encoding);
      const snapshot = await asker.result("book.snapshot", { symbol });
      expect([snapshot.seq, textOf(snapshot)]).toEqual([seq, book.text()]);
    }
  });
});
