import { expect, test } from "bun:test";
import { ExchangeState } from "../../src/records/exchange-state.ts";
import { buy, type Command, sell } from "../core/command-builder.ts";
import { MarketRun, START, SYMBOLS_MAX, setUp } from "./market-run.ts";

const ORDERS = 5_000;
const WORD_BYTES = 4;
/** Pages of the ladder, each of so many prices. */
const PAGES = 100;
const PAGE_PRICES = 256;

test("each growing table says what the fill of an order writes there", () => {
  const run = new MarketRun();
  const { core } = run;
  const state = new ExchangeState(SYMBOLS_MAX, { core });
  let now = START;
  const tick = (...commands: Command[]): void => {
    const output = run.tick(++now, ...commands);
    for (const record of state.records) record.onTick(output);
  };
  const words = (): number[] =>
    state.growing.map(({ store }) =>
      store === core.eventMemory ? core.events.end() : store.used(),
    );

  tick(...setUp(1));
  const offer = { account: 2, symbol: 0, price: 10, quantity: 1 };
  tick(...Array.from({ length: ORDERS }, () => sell(offer)));
  const before = words().map((used, i) =>
    state.growing[i]?.store === core.eventMemory ? 0 : used,
  );
  tick(buy({ ...offer, account: 1, quantity: ORDERS }));
  const written = words().map((used, i) => ((used - (before[i] ?? 0)) * WORD_BYTES) / ORDERS);
  const names = state.growing.map(({ store }) => store.name).sort();
  expect(names).toEqual([
    "account-events-blocks",
    "done-orders-ordinals",
    "done-orders-previous",
    "events",
    "fills",
    "fills-ordinals",
    "fills-previous",
    "order-history",
  ]);
  for (const [i, { orderBytes }] of state.growing.entries()) {
    // The order that takes them all ends too, and blocks of the streams are not full.
    expect(written[i]).toBeWithin(orderBytes * 0.98, orderBytes * 1.01);
  }
});

test("the ladder's levels say what an order writes there that opens a page", () => {
  const run = new MarketRun();
  const state = new ExchangeState(SYMBOLS_MAX, { core: run.core });
  const { store, orderBytes } = state.ladder;
  run.tick(START, ...setUp(1));
  const before = store.used();
  const orders = Array.from({ length: PAGES }, (_, n) => PAGE_PRICES * (n + 1));
  run.tick(START, ...orders.map((price) => buy({ account: 1, symbol: 0, price, quantity: 1 })));
  expect((store.used() - before) * WORD_BYTES).toBe(PAGES * orderBytes);
});
