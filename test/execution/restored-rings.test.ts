import { expect, test } from "bun:test";
import { AccountTrades } from "../../src/execution/account-trades.ts";
import { OrderHistory } from "../../src/execution/order-history.ts";
import type { Store } from "../../src/lib/store.ts";
import { RecentTrades, TRADES_PER_SYMBOL } from "../../src/market-data/recent-trades.ts";
import { NO_STATE_CHECK } from "../../src/persistence/backend.ts";
import { CommandStream } from "../core/fuzz/command-stream.ts";
import { CoreRun } from "../core/run.ts";

/** As small as rings of millions are large: overwritten many times. */
const KEPT = 64;
const ACCOUNTS = 10;
/** More than any slot of the arena comes to in one stream. */
const GENERATIONS = 500;
const run = new CoreRun();
const { core } = run;

/** What a snapshot does: as much as is used, into empty memory. */
function copy(from: readonly Store[], to: readonly Store[]): void {
  expect(to.map(({ name }) => name)).toEqual(from.map(({ name }) => name));
  for (const [i, { words, used }] of from.entries()) to[i]?.words.set(words.subarray(0, used()));
}

test.each([1, 2, 3])(
  "rings that were overwritten, taken in and overwritten again (stream %d)",
  (seed) => {
    core.reset();
    const original = {
      history: new OrderHistory(core, KEPT),
      trades: new AccountTrades(core, KEPT),
    };
    const restored = {
      history: new OrderHistory(core, KEPT),
      trades: new AccountTrades(core, KEPT),
    };
    const both = [original, restored];
    const stream = new CommandStream(seed);
    let tick = 0;
    const ticks = (count: number, told: typeof both): void => {
      for (let i = 0; i < count; i++) {
        run.beginTick();
        const command = stream.next();
        stream.hear(command, run.apply(command));
        const info = { tick: ++tick, firstSequence: tick, timestamp: stream.now, count: 1 };
        for (const { history, trades } of told) {
          history.tick({ ...info, ...NO_STATE_CHECK });
          trades.tick({ ...info, ...NO_STATE_CHECK });
        }
      }
    };
    const known = ({ history, trades }: typeof original) => ({
      found: Array.from({ length: core.arena.top() * GENERATIONS }, (_, i) =>
        history.find((i % GENERATIONS) * 2 ** 21 + Math.floor(i / GENERATIONS)),
      ),
      pages: Array.from({ length: ACCOUNTS }, (_, account) => [
        history.page(account, -1, 0, 20),
        history.page(account, 0, 0, 1000),
        trades.page(account, -1, 0, 20),
        trades.page(account, 0, 0, 1000),
      ]),
    });
    ticks(900, [original]);
    const before = known(original);
    expect(before.found.filter((order) => order !== null).length).toBe(KEPT);
    copy(original.history.stores, restored.history.stores);
    copy(original.trades.stores, restored.trades.stores);
    restored.history.restored();
    expect(known(restored)).toEqual(before);
    for (let i = 0; i < 10; i++) {
      ticks(60, both);
      expect(known(restored)).toEqual(known(original));
    }
  },
);

test("the trades of symbols, whatever the order in which they got their rings", () => {
  const top = () => 5;
  const [original, restored] = [new RecentTrades(5), new RecentTrades(5)];
  let id = 0;
  const add = (symbol: number, count: number, told: RecentTrades[]): void => {
    for (let i = 0; i < count; i++) {
      id++;
      for (const trades of told) trades.add(symbol, id, id + 1, id + 2, id % 2, id + 3, id + 4);
    }
  };
  add(3, 7, [original]);
  add(1, TRADES_PER_SYMBOL * 2 + 9, [original]);
  add(4, TRADES_PER_SYMBOL, [original]);
  copy(original.stores(top), restored.stores(top));
  const known = (trades: RecentTrades) =>
    [0, 1, 2, 3, 4].map((symbol) => trades.list(symbol, 1000));
  expect(known(restored)).toEqual(known(original));
  for (const symbol of [4, 0, 1, 3, 2]) add(symbol, 100, [original, restored]);
  expect(known(restored)).toEqual(known(original));
  expect(known(original).map(({ length }) => length)).toEqual([100, 256, 100, 107, 256]);
});
