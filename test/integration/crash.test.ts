import { expect, test } from "bun:test";
import { auditBooks, type Endowment } from "./books-audit.ts";
import { expectConsecutive } from "./expectations.ts";
import { LoadTrader, SeededRandom } from "./load-generator.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

const ROUNDS = Number(Bun.env.WAIVER_CRASH_ROUNDS ?? 5);
const SEED = Number(Bun.env.WAIVER_CRASH_SEED ?? Date.now() % 2 ** 31);
const IN_FLIGHT = 32;
/** Answers in one round before the kill, at most. */
const ANSWERS_MAX = 2_000;

async function stateHash(venue: Venue): Promise<unknown> {
  const { state_hash, seq, tick } = await venue.server.ask<Members>("GET", "/state");
  return { state_hash, seq, tick };
}

test(`what was acknowledged survives kill -9 under load, ${ROUNDS} times (WAIVER_CRASH_SEED=${SEED})`, async () => {
  process.stdout.write(`crash: seed ${SEED}\n`);
  const random = new SeededRandom(SEED);
  await using venue = await Venue.open();
  const symbols = [venue.symbol(), venue.symbol(), venue.symbol()];
  const given: Endowment = { cash: 100_000, shares: 300, symbols };
  const positions = Object.fromEntries(symbols.map((symbol) => [symbol, given.shares]));
  const traders: LoadTrader[] = [];
  for (const encoding of [...ENCODINGS, ...ENCODINGS]) {
    const user = await venue.user({ cash: given.cash, positions });
    const name = `t${traders.length}`;
    traders.push(new LoadTrader(user, encoding, symbols, random, name));
  }

  for (let round = 0; round < ROUNDS; round++) {
    for (const trader of traders) await trader.connect(venue);
    const target =
      traders.reduce((sum, { answers }) => sum + answers, 0) + 1 + random.below(ANSWERS_MAX);
    for (const trader of traders) trader.run(IN_FLIGHT);
    const answered = () => traders.reduce((sum, { answers }) => sum + answers, 0) >= target;
    await Promise.race(traders.map(({ client }) => client.until(answered, `${target} answers`)));
    await venue.server.kill();
    for (const trader of traders) trader.disconnect();

    if (random.below(2) === 0) await venue.failRestart();
    await venue.restart();
    const recovered = await stateHash(venue);
    for (const trader of traders) await trader.connect(venue);
    await auditBooks(venue, traders, given);
    await retryUnanswered(traders);
    for (const trader of traders) await expectNextEvent(trader, symbols);
    await auditBooks(venue, traders, given);
    for (const trader of traders) trader.disconnect();

    const live = await stateHash(venue);
    await venue.server.kill();
    await venue.restart();
    expect(await stateHash(venue)).toEqual(live);
    expect(recovered).not.toEqual(live);
  }
  const fills = (await venue.server.ask<Members>("GET", "/state")).trades;
  expect(Number(fills)).toBeGreaterThan(0);
}, 120_000);

/** Sends again, under the same client_order_id, every order whose answer never came. */
async function retryUnanswered(traders: readonly LoadTrader[]): Promise<void> {
  for (const trader of traders) {
    const unsure = [...trader.orders.values()].filter(
      ({ acknowledged, refused }) => acknowledged === undefined && refused === undefined,
    );
    for (const known of unsure) {
      const before = await trader.client.request("order.status", {
        client_order_id: known.client_order_id,
      });
      const again = await trader.client.request("order.place", known.asked);
      const { result } = again;
      if (before.result !== undefined) {
        expect([result?.order_id, result?.duplicate]).toEqual([before.result.order_id, true]);
      } else {
        expect(result?.duplicate).toBeUndefined();
        known.refused = again.error?.code;
      }
      if (result !== undefined) {
        const { duplicate, ...state } = result;
        known.acknowledged = state;
      }
    }
    for (const known of trader.orders.values()) {
      if (known.refused !== undefined) continue;
      known.changing = false;
    }
  }
  await refresh(traders);
}

/** Takes the exchange's present word for every order: later rounds are compared with it. */
async function refresh(traders: readonly LoadTrader[]): Promise<void> {
  for (const trader of traders) {
    const known = [...trader.orders.values()].filter(({ refused }) => refused === undefined);
    const states = await Promise.all(
      known.map(({ client_order_id }) => trader.client.result("order.status", { client_order_id })),
    );
    known.forEach((order, index) => {
      order.acknowledged = states[index];
    });
  }
}

/** Places an order and finds its events numbered after every event that was seen before. */
async function expectNextEvent(trader: LoadTrader, symbols: readonly string[]): Promise<void> {
  const { events, client } = trader;
  const order = { symbol: symbols[0], side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  const { order_id } = await client.result("order.place", order);
  await client.result("order.cancel", { order_id });
  const cancelled = () =>
    events
      .of("user_data")
      .some((data) => data.order_id === order_id && data.status === "CANCELLED");
  await events.until(cancelled, "the cancellation");
  const numbers = events.of("user_data").map(({ seq }) => seq);
  expectConsecutive(numbers);
  expect(Number(numbers[0])).toBeGreaterThan(trader.lastSeq);
}
