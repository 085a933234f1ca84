import { expect, test } from "bun:test";
import { createCore } from "../../src/core/create.ts";
import { ORDER_INTS } from "../../src/core/whistle/order-arena.ts";
import type { Store } from "../../src/lib/store.ts";
import { OrderState } from "../../src/protocol/order-state.ts";
import { Fills } from "../../src/records/fills.ts";
import { OrderHistory } from "../../src/records/order-history.ts";
import { CommandStream, FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { tickOf } from "../execution/flow.ts";
import { TickRun } from "../execution/tick-run.ts";
import { pages } from "./state-run.ts";

/** As small as rings of millions are large: overwritten many times. */
const KEPT = 64;
const ACCOUNTS = 10;
/** More than any slot of the arena comes to in one stream. */
const GENERATIONS = 500;
const core = createCore(FUZZ_SYMBOLS);

/** What a snapshot does: as much as is used, into empty memory. */
function copy(from: readonly Store[], to: readonly Store[]): void {
  expect(to.map(({ name }) => name)).toEqual(from.map(({ name }) => name));
  for (const [i, { words, used }] of from.entries()) to[i]?.words.set(words.subarray(0, used()));
}

interface Rings {
  history: OrderHistory;
  fills: Fills;
}

function createRings(): Rings {
  return { history: new OrderHistory(core.view, KEPT), fills: new Fills(core.view, KEPT) };
}

/** The done order of a number, null when it is not there. */
function find(history: OrderHistory, number: number) {
  const target = new OrderState();
  const account = history.find(target, number, []);
  return account < 0 ? null : { account, ...target };
}

function known({ history, fills }: Rings) {
  const places = core.stores.find(({ name }) => name === "orders");
  const slots = (places?.used() ?? 0) / ORDER_INTS;
  const target = new OrderState();
  const done = (account: number, symbol: number, limit: number) =>
    pages((before) => history.page(account, symbol, before, limit, target, () => ({ ...target })));
  return {
    found: Array.from({ length: slots * GENERATIONS }, (_, i) =>
      find(history, (i % GENERATIONS) * 2 ** 21 + Math.floor(i / GENERATIONS)),
    ),
    pages: Array.from({ length: ACCOUNTS }, (_, account) => [
      done(account, -1, 20),
      done(account, 0, 1000),
      pages((before) => fills.page(account, -1, before, 20)),
      pages((before) => fills.page(account, 0, before, 1000)),
    ]),
  };
}

test.each([1, 2, 3])(
  "rings that were overwritten, taken in and overwritten again (stream %d)",
  (seed) => {
    core.reset();
    const [original, restored] = [createRings(), createRings()];
    const told: Rings[] = [original];
    const run = new TickRun(core, [
      {
        onTick(output) {
          for (const { history, fills } of told) {
            history.onTick(output);
            fills.onTick(output);
          }
        },
      },
    ]);
    const stream = new CommandStream(seed);
    for (let i = 0; i < 900; i++) tickOf(run, stream);
    const before = known(original);
    expect(before.found.filter((order) => order !== null).length).toBe(KEPT);
    copy(original.history.stores, restored.history.stores);
    copy(original.fills.stores, restored.fills.stores);
    restored.history.restored();
    restored.fills.restored();
    expect(known(restored)).toEqual(before);
    told.push(restored);
    for (let i = 0; i < 10; i++) {
      for (let step = 0; step < 60; step++) tickOf(run, stream);
      expect(known(restored)).toEqual(known(original));
    }
  },
);
