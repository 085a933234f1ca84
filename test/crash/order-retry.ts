/**
 * What a careful client does after the exchange comes back: it repeats every request whose result it does not
 * know.
 */
import { expect } from "bun:test";
import { resume, seqOf } from "../integration/account-events.ts";
import { expectConsecutive } from "../integration/expectations.ts";
import type { KnownOrder, LoadTrader, SeededRandom } from "../integration/load-generator.ts";
import type { Venue } from "../integration/venue.ts";
import type { Members } from "../integration/wire-client.ts";

/** How many answered orders each trader sends again. */
const REPEATED = 5;

/**
 * Sends again, under the same client_order_id, every order whose answer never came, and some whose answer did
 * come. An order that already exists is returned as a duplicate and never placed twice.
 */
export async function retryOrders(trader: LoadTrader, random: SeededRandom): Promise<void> {
  const known = [...trader.orders.values()];
  const unsure = known.filter(
    ({ acknowledged, refused }) => acknowledged === undefined && refused === undefined,
  );
  await Promise.all(unsure.map((order) => retry(trader, order)));
  const sure = known.filter(({ acknowledged }) => acknowledged !== undefined);
  for (let i = 0; i < REPEATED && sure.length > 0; i++) {
    const order = sure[random.below(sure.length)];
    if (order !== undefined) await retry(trader, order);
  }
}

async function retry({ client }: LoadTrader, known: KnownOrder): Promise<void> {
  const { client_order_id, asked } = known;
  const before = await client.request("order.status", { client_order_id });
  const { result, error } = await client.request("order.place", asked);
  if (before.result !== undefined) {
    expect([result?.order_id, result?.duplicate]).toEqual([before.result.order_id, true]);
  } else {
    expect([client_order_id, result?.duplicate]).toEqual([client_order_id, undefined]);
    known.refused = error?.code;
  }
  if (result !== undefined) known.acknowledged = withoutMark(result);
}

function withoutMark({ duplicate: _, ...state }: Members): Members {
  return state;
}

/** Takes the exchange's present word for every order: later audits compare with it. */
export async function refreshOrders(trader: LoadTrader): Promise<void> {
  const known = [...trader.orders.values()].filter(({ refused }) => refused === undefined);
  const states = await Promise.all(
    known.map(({ client_order_id }) => trader.client.result("order.status", { client_order_id })),
  );
  known.forEach((order, index) => {
    order.acknowledged = states[index];
    order.changing = false;
  });
}

/** Everything that the trader saw of its account is told again as it was told. */
export async function expectToldAgain(venue: Venue, trader: LoadTrader): Promise<void> {
  const { user, encoding, told, lastSeq } = trader;
  if (told.length === 0) return;
  using client = await venue.connect("/user-data", encoding, user);
  const again = await resume(client, seqOf(told[0]), lastSeq);
  const bySeq = new Map(again.map((event) => [event.seq, event]));
  expect(told.map(({ seq }) => bySeq.get(seq))).toEqual(told);
}

/** Places an order and finds its events numbered after every event that was seen before. */
export async function expectNextEvent(trader: LoadTrader, symbol: string): Promise<void> {
  const { events, client } = trader;
  const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  const { order_id } = await client.result("order.place", order);
  await client.result("order.cancel", { order_id });
  const isCancelled = (): boolean =>
    events
      .of("user_data")
      .some((data) => data.order_id === order_id && data.status === "CANCELLED");
  await events.until(isCancelled, "the cancellation");
  const numbers = events.of("user_data").map(({ seq }) => seq);
  expectConsecutive(numbers);
  // The snapshot comes first, as of the last event before.
  expect(Number(numbers[0])).toBeGreaterThanOrEqual(trader.lastSeq);
}
