import { beforeAll, describe, expect, test } from "bun:test";
import { invalid } from "./expectations.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

const active = async (client: WireClient): Promise<unknown> =>
  (await client.result("subscriptions")).subscribed;

describe.each(ENCODINGS)("in %s", (encoding) => {
  test("a heartbeat comes every second, without symbols, while nothing happens", async () => {
    using reader = await venue.open("/market-data", encoding);
    const channels = ["heartbeat"];
    expect(await reader.result("subscribe", { channels })).toEqual({ subscribed: channels });
    await reader.until(() => reader.pushes.length >= 4, "four heartbeats");
    const { tick, seq } = await venue.server.ask<Members>("GET", "/state");
    const beats = reader.of("heartbeat");
    expect(reader.pushes.length).toBe(beats.length);
    const beat = { timestamp: expect.any(Number), tick, sequence: seq };
    expect(beats).toEqual(beats.map(() => beat));
    const times = beats.map(({ timestamp }) => Number(timestamp));
    // The clock of the beats is another one than that of the timestamps, and on a busy machine a beat is late.
    const lasted = Number(times.at(-1)) - Number(times[0]);
    expect(lasted).toBeGreaterThan((times.length - 2) * 1000 - 300);
    expect(await active(reader)).toEqual(channels);
    expect(await reader.result("unsubscribe", { channels })).toEqual({ unsubscribed: channels });
    const seen = reader.pushes.length;
    using witness = await venue.open("/market-data", encoding);
    await witness.result("subscribe", { channels });
    await witness.until(() => witness.pushes.length >= 2, "heartbeats for others");
    expect(reader.pushes.length).toBe(seen);
    expect(await active(reader)).toEqual([]);
  });

  test("symbols may be left out for heartbeats only", async () => {
    using reader = await venue.open("/market-data", encoding);
    const symbol = venue.symbol();
    for (const channels of [["book"], ["heartbeat", "book"], ["candles", "ticker"]]) {
      for (const method of ["subscribe", "unsubscribe"]) {
        expect([channels, await reader.refusal(method, { channels })]).toEqual([
          channels,
          invalid("symbols"),
        ]);
      }
    }
    expect(await active(reader)).toEqual([]);
    const both = { channels: ["heartbeat", "bbo"], symbols: [symbol] };
    const subscribed = ["heartbeat", `bbo.${symbol}`];
    expect(await reader.result("subscribe", both)).toEqual({ subscribed });
    expect(await active(reader)).toEqual(subscribed);
  });

  test("candles have an interval, 1m by default, and each interval is a subscription of its own", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("BUY", 100, 5);
    await bob.place("SELL", 100, 1);
    using reader = await venue.open("/market-data", encoding);
    const candles = (interval?: string) => ({
      channels: ["candles"],
      symbols: [symbol],
      ...(interval === undefined ? {} : { interval }),
    });
    expect(await reader.result("subscribe", candles())).toEqual({
      subscribed: [`candles.${symbol}`],
    });
    for (const interval of ["5m", "15m", "1h", "1d"]) {
      expect(await reader.result("subscribe", candles(interval))).toEqual({
        subscribed: [`candles.${symbol}.${interval}`],
      });
    }
    await reader.until(() => reader.pushes.length >= 5, "the running candles");
    const intervals = reader.of("candles").map(({ interval }) => interval);
    expect(intervals).toEqual(["1m", "5m", "15m", "1h", "1d"]);
    for (const interval of ["2m", "", 60, "1M"]) {
      const asked = { ...candles(), interval };
      expect([interval, await reader.refusal("subscribe", asked)]).toEqual([
        interval,
        invalid("interval"),
      ]);
    }
    await reader.result("unsubscribe", candles("5m"));
    await reader.result("unsubscribe", candles());
    expect(await active(reader)).toEqual(
      ["15m", "1h", "1d"].map((interval) => `candles.${symbol}.${interval}`),
    );
    const seen = reader.pushes.length;
    await bob.place("SELL", 100, 1);
    const more = () => reader.of("candles").slice(seen);
    await reader.until(() => more().length >= 3, "the next candles");
    expect(more().map(({ interval }) => interval)).toEqual(["15m", "1h", "1d"]);
  });

  test("`*` takes the place of single symbols, and ends with them", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    using reader = await venue.open("/market-data", encoding);
    const of = (...symbols: string[]) => ({ channels: ["bbo", "ticker"], symbols });
    await reader.result("subscribe", of(symbol));
    await reader.result("subscribe", of("*"));
    expect(await active(reader)).toEqual(["bbo.*", "ticker.*"]);
    const { unsubscribed } = await reader.result("unsubscribe", of("*"));
    expect(unsubscribed).toEqual(["bbo.*", "ticker.*"]);
    expect(await active(reader)).toEqual([]);
    await reader.result("subscribe", of(symbol));
    expect((await reader.result("unsubscribe", of("*"))).unsubscribed).toEqual([
      `bbo.${symbol}`,
      `ticker.${symbol}`,
    ]);
    const seen = reader.pushes.length;
    await ann.place("BUY", 100, 5);
    await reader.result("ping");
    expect(reader.pushes.length).toBe(seen);
    // What was not there ends without a word.
    expect(await reader.result("unsubscribe", of(symbol))).toEqual({ unsubscribed: [] });
  });
});
