/** A band whose reference price stands still for a window. */
import { describe, expect, test } from "bun:test";
import {
  amend,
  at,
  buy,
  type Command,
  clock,
  sell,
  setRules,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { Lockstep } from "../fuzz/lockstep.ts";
import { createTestCore } from "../test-core.ts";
import { ALICE, BOB, CAROL, SCENARIO_SYMBOLS, SET_UP, scenario } from "./scenario.ts";

const banded = [setRules({}), setSymbolRules({ bandBps: 1_000, bandMs: 1_000 })];
const trade = (time: number, price: number, quantity = 1): Command[] => [
  at(time, sell({ account: BOB, price, quantity })),
  at(time, buy({ account: CAROL, price, quantity })),
];
const probe = (time: number) => at(time, sell({ account: BOB, price: 1_000, quantity: 1 }));

test("25 one-share trades, each at the top of the band, move it once a window", () => {
  const walk = (bandMs: number): number => {
    const lockstep = new Lockstep(createTestCore(SCENARIO_SYMBOLS), {
      checkEvery: 1,
      tickLength: 1,
    });
    const apply = (command: Command) => {
      const { events, difference } = lockstep.apply(command);
      expect(difference).toBeUndefined();
      return events;
    };
    for (const command of SET_UP) apply(command);
    apply(setRules({}));
    apply(setSymbolRules({ reference: 100, bandBps: 1_000, bandMs }));
    let price = 100;
    for (let i = 0; i < 25; i++) {
      const [refusal] = apply(at(i * 100, sell({ account: BOB, price: 2 ** 30, quantity: 1 })));
      if (refusal?.event !== "REJECT") throw new Error("a price beyond the band was taken");
      price = refusal.numbers[1];
      for (const each of trade(i * 100, price)) apply(each);
    }
    return price;
  };
  expect(walk(0)).toBe(1_119);
  // 2.4 s are two ends of a window and a bit.
  expect(walk(1_000)).toBe(134);
});

describe("the reference", () => {
  scenario("is the first trade's price at once, and then stays for the window", {
    given: [...banded, ...trade(100, 100), ...trade(200, 110)],
    when: [probe(200), probe(1_099), probe(1_100)],
    events: [
      "refused: OUTSIDE_BAND 90 to 110",
      "refused: OUTSIDE_BAND 90 to 110",
      "refused: OUTSIDE_BAND 94 to 116",
    ],
  });
  scenario("is the mean of the shares that traded in it, half up", {
    given: [...banded, ...trade(100, 100, 3), ...trade(200, 102, 1)],
    when: probe(5_000),
    // 100.5 is 101, and its tenth 10.1.
    events: ["refused: OUTSIDE_BAND 90 to 112"],
  });
  scenario("stays as long as nothing trades", {
    given: [...banded, ...trade(100, 100), at(2_000, clock())],
    when: [...trade(5_000, 110), probe(5_999), probe(6_000)],
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 2: 1 @ 110, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
      "refused: OUTSIDE_BAND 90 to 110",
      "refused: OUTSIDE_BAND 99 to 121",
    ],
  });
  scenario("is an auction's price at once", {
    given: [
      ...banded,
      ...trade(100, 100),
      at(200, setSymbolState({ state: "AUCTION" })),
      ...trade(300, 110),
      at(400, setSymbolState({ state: "TRADING" })),
    ],
    when: probe(400),
    events: ["refused: OUTSIDE_BAND 99 to 121"],
  });
  scenario("is what the operator sets at once, and the window begins anew", {
    given: [
      ...banded,
      ...trade(100, 100),
      at(900, setSymbolRules({ bandBps: 1_000, bandMs: 1_000, reference: 200 })),
    ],
    when: [probe(900), probe(1_200)],
    events: ["refused: OUTSIDE_BAND 180 to 220", "refused: OUTSIDE_BAND 180 to 220"],
  });
  scenario("is the last trade where it has no window, and from when it has none any more", {
    given: [
      ...banded,
      ...trade(100, 100),
      ...trade(200, 110),
      at(300, setSymbolRules({ bandBps: 1_000 })),
    ],
    when: [
      probe(300),
      at(300, setSymbolRules({ bandBps: 1_000, bandMs: 1_000 })),
      ...trade(400, 120),
      probe(500),
    ],
    events: [
      "refused: OUTSIDE_BAND 99 to 121",
      "done",
      "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 120, 1 left",
      "trade 3: 1 @ 120, Carol (order 6, 0 left) buys from Bob (order 5, 0 left)",
      "order 6 FILLED (reply): Carol BUY 1 @ 120, 0 left, filled for 120",
      "refused: OUTSIDE_BAND 99 to 121",
    ],
  });
  const waiting = sell({ account: BOB, price: 105, quantity: 1 });
  scenario("holds for market orders, amendments and stops, too", {
    given: [
      ...banded,
      ...trade(100, 100),
      at(100, sell({ account: BOB, price: 110, quantity: 1 })),
      at(200, waiting),
      ...trade(300, 104),
    ],
    when: [
      at(400, amend({ account: BOB, of: waiting, price: 111 })),
      at(400, buy({ account: ALICE, type: "STOP", stopPrice: 120, quantity: 1 })),
      at(1_200, amend({ account: BOB, of: waiting, price: 111 })),
      at(1_200, buy({ account: ALICE, type: "MARKET", quantity: 3 })),
    ],
    events: [
      "refused: OUTSIDE_BAND 90 to 110, order 4",
      "order 7 PENDING_TRIGGER (reply news open): Alice BUY 1 STOP 120 to 110, 1 left",
      "order 4 ACCEPTED (reply news open): Bob SELL 1 @ 111, 1 left",
      "trade 3: 1 @ 110, Alice (order 8, 2 left) buys from Bob (order 3, 0 left)",
      "trade 4: 1 @ 111, Alice (order 8, 1 left) buys from Bob (order 4, 0 left)",
      "order 8 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 3 MARKET, 1 left, filled for 221",
    ],
  });
});

scenario("windows are not negative", {
  when: setSymbolRules({ bandBps: 1, bandMs: -1 }),
  events: ["refused: INVALID_PARAMETER QUANTITY"],
});
