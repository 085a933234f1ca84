import { expect, test } from "bun:test";
import { DepthBook, textOf } from "./depth-book.ts";
import { SeededRandom } from "./load-generator.ts";
import { RandomOrders } from "./random-orders.ts";
import { Venue } from "./venue.ts";
import type { Encoding, Members, WireClient } from "./wire-client.ts";

const SEED = Number(Bun.env.WAIVER_CONFLATION_SEED ?? Date.now() & 0x7fff_ffff);
const LOW = { orders_per_second: 100, market_data_per_second: 100, burst_limit: 10 };
const CHANNELS = ["depth", "trades", "bbo"];

/** What a client heard of a symbol. */
class Heard {
  readonly book: DepthBook;
  /** The status events of this client, with how many `depth` messages had come before. */
  readonly events: [string, number][] = [];
  readonly trades: unknown[] = [];
  bbo: Members = {};
  #read = 0;

  constructor(
    readonly client: WireClient,
    symbol: string,
  ) {
    this.book = new DepthBook(symbol);
  }

  pump(): this {
    const { pushes } = this.client;
    for (; this.#read < pushes.length; this.#read++) {
      const { stream, data } = pushes[this.#read] as { stream: string; data: Members };
      if (stream === "depth") this.book.apply(data);
      if (stream === "trades") this.trades.push(data.trade_id);
      if (stream === "bbo") this.bbo = data;
      if (stream === "status") this.events.push([String(data.event), this.book.messages]);
    }
    return this;
  }

  /** Settles when it was told `event` so often. */
  async told(event: string): Promise<void> {
    const has = () => this.pump().events.some(([name]) => name === event);
    await this.client.until(has, `the status ${event}`);
  }
}

/** Waits for so many `depth` messages behind the first `skipped` pushes; they follow each other from `nextSeq` on. */
async function followed(
  client: WireClient,
  skipped: number,
  nextSeq: number,
  count: number,
): Promise<Members[]> {
  const heard = (): Members[] =>
    client.pushes.slice(skipped).flatMap(({ stream, data }) => (stream === "depth" ? [data] : []));
  await client.until(() => heard().length >= count, `${count} depth messages`);
  let next = nextSeq;
  for (const { snapshot, first_seq, last_seq } of heard()) {
    if (snapshot !== true) expect(first_seq).toBe(next);
    next = Number(last_seq) + 1;
  }
  return heard();
}

test(`a user whose topics carry more than he may have hears the latest state, and no gap (WAIVER_CONFLATION_SEED=${SEED})`, async () => {
  await using venue = await Venue.open();
  const symbol = venue.symbol();
  const subscribe = async (client: WireClient): Promise<Heard> => {
    await client.result("subscribe", { channels: CHANNELS, symbols: [symbol] });
    return new Heard(client, symbol);
  };
  const low = await venue.user({ rate_limits: LOW });
  const open = (encoding: Encoding) => venue.connect("/market-data", encoding, low);
  using one = await open("json");
  using two = await open("msgpack");
  using stranger = await venue.open("/market-data");
  const everything = await subscribe(stranger);
  const readers = [await subscribe(one), await subscribe(two)];

  const random = new SeededRandom(SEED);
  const users: RandomOrders[] = [];
  for (const encoding of ["json", "msgpack"] as const) {
    users.push(await RandomOrders.open(venue, [symbol], encoding, random));
  }
  // Several times what he may have.
  const stops = users.map((user) => user.runAtPace(2, 5));
  await Promise.all(readers.map((reader) => reader.told("conflated")));
  // A connection that comes later is told, too.
  using three = await open("json");
  readers.push(await subscribe(three));
  await readers.at(-1)?.told("conflated");
  // Who asks for changes again, or subscribes again, hears next what comes after them.
  using four = await open("msgpack");
  const again = await subscribe(four);
  await again.told("conflated");
  const from_seq = again.pump().book.lastSeq + 1;
  await four.result("depth.resume", { symbol, from_seq });
  const resumed = four.pushes.length;
  await followed(four, resumed, from_seq, 3);
  await four.result("subscribe", { channels: ["depth"], symbols: [symbol] });
  const subscribed = four.pushes.length;
  const whole = await followed(four, subscribed, 0, 3);
  expect(whole[0]?.snapshot).toBe(true);
  const { messages } = everything.pump().book;
  await stranger.until(() => everything.pump().book.messages > messages + 300, "more changes");
  await Promise.all(stops.map((stop) => stop()));

  // He is told every change again.
  await Promise.all(readers.map((reader) => reader.told("exact")));
  const from = Math.max(...[everything, ...readers].map((heard) => heard.pump().book.lastSeq));
  for (const user of users) await user.client.result("order.cancel_all", {});
  await users[0]?.run(20, 1);
  const end = await stranger.result("book.snapshot", { symbol, levels: 1000 });
  for (const reader of [everything, ...readers]) {
    const { book, client } = reader;
    await client.until(() => reader.pump().book.lastSeq >= Number(end.seq), "the last change");
    expect([book.faults, book.lastSeq, book.text()]).toEqual([[], Number(end.seq), textOf(end)]);
    expect(
      [...book.history].filter(([seq, text]) => everything.book.history.get(seq) !== text),
    ).toEqual([]);
    // The last quotes are told after the last change.
    const isTold = () => reader.pump().bbo.tick === everything.pump().bbo.tick;
    await client.until(isTold, "the last quotes");
    expect(reader.bbo).toEqual(everything.bbo);
  }
  expect(everything.events).toEqual([]);
  const changesSince = ({ book }: Heard): number[] =>
    [...book.history.keys()].filter((seq) => seq > from);
  expect(changesSince(everything).length).toBeGreaterThan(0);
  for (const reader of readers) expect(changesSince(reader)).toEqual(changesSince(everything));
  for (const { events, trades } of readers.slice(0, 2)) {
    expect(events.map(([event]) => event)).toEqual(["conflated", "exact"]);
    const [[, before], [, after]] = events as [[string, number], [string, number]];
    // Some seconds of one message each; 300 changes were told to the other in that time.
    expect(after - before).toBeLessThan(100);
    // Trades are facts: each is told.
    expect(trades).toEqual(everything.trades);
  }
  for (const user of users) user[Symbol.dispose]();
});
