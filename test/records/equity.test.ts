import { expect, test } from "bun:test";
import { createCore } from "../../src/core/create.ts";
import { ONE_DAY, ONE_MINUTE } from "../../src/records/candle-series.ts";
import { Candles } from "../../src/records/candles.ts";
import { Equity, partOf, worth } from "../../src/records/equity.ts";
import { endOfYesterday, equityHistory } from "../../src/records/equity-history.ts";
import {
  buy,
  type Command,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setAccount,
  setFees,
} from "../core/command-builder.ts";
import { Random } from "../core/fuzz/random.ts";
import { TickRun } from "../execution/tick-run.ts";
import { contents, copyStores } from "./stores.ts";

const core = createCore(4);
const MINUTE = 60_000;
const DAY = 86_400_000;

function open(entriesMax = 1024) {
  core.reset();
  const equity = new Equity(core.view, { entriesMax });
  const candles = new Candles(core.view);
  const run = new TickRun(core, [candles, equity]);
  const tick = (at: number, ...commands: Command[]): void => void run.tick(commands, at);
  return { equity, candles, view: core.view, tick };
}

type Rig = ReturnType<typeof open>;

const all = { now: Number.MAX_SAFE_INTEGER / 2, before: Number.MAX_SAFE_INTEGER, limit: 1000 };
const history = (rig: Rig, account: number, interval = ONE_MINUTE) =>
  equityHistory(rig, { ...all, account, interval });

/** An account's equity as anybody can add it up. */
function plainEquity({ view }: Rig, account: number): number {
  const cash = view.cashAvailable(account) + view.cashReserved(account);
  const values = view.holdings(account).map(({ symbol, available, reserved }) => {
    return (available + reserved) * (view.lastTrade(symbol)?.price ?? 0);
  });
  return values.reduce((sum, each) => sum + each, cash);
}

function expectBalanced(rig: Rig, account: number): void {
  const { cash, deposits, realised } = rig.equity.account(account);
  const positions = rig.equity.positions(account).map((each) => {
    const value = each.quantity * (rig.view.lastTrade(each.symbol)?.price ?? 0);
    return { ...each, value };
  });
  const value = positions.reduce((sum, each) => sum + each.value, 0);
  const unrealised = positions.reduce((sum, each) => sum + each.value - each.cost, 0);
  expect(cash + value).toBe(plainEquity(rig, account));
  expect(deposits + realised + unrealised).toBe(cash + value);
  if (account === 0) return;
  expect(positions.reduce((sum, each) => sum + each.realised, 0)).toBe(realised);
  for (const { quantity, cost } of positions) {
    if (quantity === 0) expect(cost).toBe(0);
  }
}

test("bought, sold, sold short and bought back: cost, profit and fees to the cent", () => {
  const rig = open();
  const [ann, bob] = [1, 2];
  rig.tick(
    MINUTE,
    listSymbol({ symbol: 0 }),
    openAccount({ account: ann }),
    openAccount({ account: bob }),
    setFees({ maker: 0, taker: 100 }),
    setAccount({ account: ann, mayShort: true }),
    depositCash({ account: ann, amount: 100_000 }),
    depositCash({ account: bob, amount: 100_000 }),
    depositShares({ account: bob, symbol: 0, amount: 100 }),
  );
  const on = (account: number) => ({ account, symbol: 0 });
  // Three at 100 and four at 103: 712 for seven.
  rig.tick(
    2 * MINUTE,
    sell({ ...on(bob), price: 100, quantity: 3 }),
    buy({ ...on(ann), price: 100, quantity: 3 }),
  );
  rig.tick(
    3 * MINUTE,
    sell({ ...on(bob), price: 103, quantity: 4 }),
    buy({ ...on(ann), price: 103, quantity: 4 }),
  );
  const fees = 3 + 4;
  expect(rig.equity.account(ann)).toEqual({
    ...{ cash: 100_000 - 712 - fees, deposits: 100_000, realised: -fees, fees },
  });
  expect(rig.equity.positions(ann)).toEqual([
    { symbol: 0, quantity: 7, cost: 712, realised: -fees, fees },
  ]);
  // Two of seven cost 203 and 3/7: 203 go with them.
  rig.tick(
    4 * MINUTE,
    buy({ ...on(bob), price: 110, quantity: 2 }),
    sell({ ...on(ann), price: 110, quantity: 2 }),
  );
  expect(rig.equity.positions(ann)).toEqual([
    { symbol: 0, quantity: 5, cost: 509, realised: 220 - 203 - fees - 2, fees: fees + 2 },
  ]);
  // All of it and three more, which are then short.
  rig.tick(
    5 * MINUTE,
    buy({ ...on(bob), price: 90, quantity: 8 }),
    sell({ ...on(ann), price: 90, quantity: 8 }),
  );
  const realised = 220 - 203 + 450 - 509 - fees - 2 - 7;
  expect(rig.equity.positions(ann)).toEqual([
    { symbol: 0, quantity: -3, cost: -270, realised, fees: fees + 9 },
  ]);
  rig.tick(
    6 * MINUTE,
    sell({ ...on(bob), price: 80, quantity: 3 }),
    buy({ ...on(ann), price: 80, quantity: 3 }),
  );
  expect(rig.equity.positions(ann)).toMatchObject([
    { quantity: 0, cost: 0, realised: realised + 30 - 2 },
  ]);
  for (const account of [0, ann, bob]) expectBalanced(rig, account);
  expect(rig.equity.account(0)).toMatchObject({ realised: fees + 11, deposits: 0 });
  // The operator's fees, and what each had at the end of each minute.
  const equities = history(rig, ann).map(({ start, cash, value }) => [
    start / MINUTE,
    cash + value,
  ]);
  expect(equities).toEqual([
    [6, 100_000 + realised + 28],
    [5, 100_000 + realised],
    [4, 100_000 + 17 - fees - 2 + 5 * 110 - 509],
    [3, 100_000 - fees + 7 * 103 - 712],
    [2, 100_000 - 3],
    [1, 100_000],
  ]);
});

test("deposited shares come in at the last price, and go out at it", () => {
  const rig = open();
  rig.tick(
    MINUTE,
    listSymbol({ symbol: 0 }),
    openAccount({ account: 1 }),
    openAccount({ account: 2 }),
    depositShares({ account: 1, symbol: 0, amount: 10 }),
    depositCash({ account: 2, amount: 10_000 }),
  );
  expect(rig.equity.positions(1)).toMatchObject([{ quantity: 10, cost: 0 }]);
  expect(rig.equity.account(1)).toMatchObject({ deposits: 0 });
  rig.tick(
    2 * MINUTE,
    sell({ account: 1, symbol: 0, price: 100, quantity: 4 }),
    buy({ account: 2, symbol: 0, price: 100, quantity: 4 }),
  );
  // They cost nothing, so all of the price is profit.
  expect(rig.equity.account(1)).toEqual({ cash: 400, deposits: 0, realised: 400, fees: 0 });
  rig.tick(3 * MINUTE, depositShares({ account: 1, symbol: 0, amount: 6 }));
  expect(rig.equity.positions(1)).toMatchObject([{ quantity: 12, cost: 600 }]);
  expect(rig.equity.account(1).deposits).toBe(600);
  rig.tick(4 * MINUTE, depositShares({ account: 1, symbol: 0, amount: -12 }));
  expect(rig.equity.positions(1)).toMatchObject([{ quantity: 0, cost: 0, realised: 400 + 600 }]);
  expect(rig.equity.account(1)).toEqual({ cash: 400, deposits: -600, realised: 1000, fees: 0 });
  expectBalanced(rig, 1);
});

test("a share of a cost is exact, also if the product exceeds the exact numbers", () => {
  expect([partOf(712, 2, 7), partOf(-712, 2, 7), partOf(5, 0, 3)]).toEqual([203, -203, 0]);
  const cost = 2 ** 52 - 3;
  const [part, whole] = [2 ** 31 - 5, 2 ** 31 - 1];
  expect(partOf(cost, part, whole)).toBe(Number((BigInt(cost) * BigInt(part)) / BigInt(whole)));
  expect(worth(2 ** 31 - 1, 2 ** 31 - 1)).toBe(2 ** 52 - 1);
});

/** Random trades, deposits and pauses; what every account was worth at the end of each minute and day. */
function randomRun(rig: Rig, seed: number, ticks: number) {
  const random = new Random(seed);
  const accounts = [1, 2, 3, 4];
  const equities = new Map<string, number>();
  let at = 20_000 * DAY;
  rig.tick(
    at,
    ...[0, 1, 2].map((symbol) => listSymbol({ symbol })),
    ...accounts.map((account) => openAccount({ account })),
    setFees({ maker: -20, taker: 55 }),
    setAccount({ account: 4, mayShort: true, fees: { maker: 10, taker: 10 } }),
    ...accounts.map((account) => depositCash({ account, amount: 10_000_000 })),
  );
  const command = (): Command => {
    const [account, symbol] = [random.pick(accounts), random.between(0, 2)];
    if (random.once(9)) {
      const amount = random.between(-30, 100);
      return random.once(2)
        ? depositShares({ account, symbol, amount })
        : depositCash({ account, amount: amount * 100 });
    }
    const order = {
      ...{ account, symbol, price: random.between(90, 110), quantity: random.between(1, 40) },
      selfTrade: "NONE" as const,
    };
    return random.once(2) ? buy(order) : sell(order);
  };
  for (let i = 0; i < ticks; i++) {
    at += random.once(40) ? random.between(1, 40 * 60) * MINUTE : random.between(0, 40_000);
    rig.tick(at, ...Array.from({ length: random.between(1, 6) }, command));
    for (const account of [0, ...accounts]) {
      const equity = plainEquity(rig, account);
      equities.set(`${account} ${Math.floor(at / MINUTE) * MINUTE}`, equity);
      equities.set(`${account} ${Math.floor(at / DAY) * DAY} day`, equity);
    }
  }
  return { accounts: [0, ...accounts], equities, at };
}

test.each([1, 2, 3])(
  "random trades and deposits always balance, and the past is as it was (seed %i)",
  (seed) => {
    const rig = open(100_000);
    const { accounts, equities, at } = randomRun(rig, seed, 900);
    let compared = 0;
    for (const account of accounts) {
      expectBalanced(rig, account);
      for (const [interval, suffix] of [
        [ONE_MINUTE, ""],
        [ONE_DAY, " day"],
      ] as const) {
        for (const { start, cash, value } of history(rig, account, interval)) {
          const equity = equities.get(`${account} ${start}${suffix}`);
          // The moment that the accounts were filled is no tick of the run.
          if (equity === undefined) continue;
          expect([account, start, cash + value]).toEqual([account, start, equity]);
          compared++;
        }
      }
      const yesterday = endOfYesterday(rig, account, at);
      const days = history(rig, account, ONE_DAY).filter(
        ({ start }) => start <= at - DAY - (at % DAY),
      );
      if (days[0] !== undefined && yesterday !== null) {
        expect(yesterday.cash + yesterday.value).toBe(days[0].cash + days[0].value);
      }
    }
    expect(compared).toBeGreaterThan(1000);
  },
);

test("a range of the past is read page by page", () => {
  const rig = open(100_000);
  const { at } = randomRun(rig, 4, 300);
  const whole = history(rig, 1);
  expect(whole.length).toBeGreaterThan(50);
  const pages: unknown[] = [];
  for (let before = at + 1; ; ) {
    const page = equityHistory(rig, { ...all, account: 1, interval: ONE_MINUTE, before, limit: 7 });
    pages.push(...page);
    if (page.length < 7) break;
    before = page.at(-1)?.start as number;
  }
  expect(pages).toEqual(whole);
});

test("with little room the past is shorter, but what is reported is right", () => {
  const rig = open(40);
  const { accounts, equities } = randomRun(rig, 5, 600);
  for (const account of accounts) {
    expectBalanced(rig, account);
    const points = history(rig, account);
    expect(points.length).toBeLessThan(80);
    for (const { start, cash, value } of points) {
      expect([start, cash + value]).toEqual([start, equities.get(`${account} ${start}`) as number]);
    }
  }
});

test("a state that is restored half-way continues as if it had never stopped", () => {
  const whole = open(500);
  randomRun(whole, 6, 400);
  const kept = contents(whole.equity.stores);
  const again = open(500);
  randomRun(again, 6, 400);
  expect(contents(again.equity.stores)).toEqual(kept);
  const restored = new Equity(core.view, { entriesMax: 500 });
  copyStores(again.equity.stores, restored.stores);
  restored.restored();
  expect(contents(restored.stores)).toEqual(kept);
  expect(restored.positions(1)).toEqual(again.equity.positions(1));
});

test("what an older snapshot did not keep counts as deposited at that moment", () => {
  const rig = open(500);
  randomRun(rig, 7, 200);
  const later = new Equity(core.view, { entriesMax: 500 });
  later.restored();
  for (const account of [0, 1, 2, 3, 4]) {
    expectBalanced({ ...rig, equity: later }, account);
    expect(later.account(account)).toMatchObject({ realised: 0, fees: 0 });
    expect(endOfYesterday({ ...rig, equity: later }, account, core.view.timestamp())).toBeNull();
  }
});

test("a page from long ago looks at few of the later prices", () => {
  const rig = open();
  rig.tick(
    MINUTE,
    listSymbol({ symbol: 0 }),
    ...[1, 2].flatMap((account) => [
      openAccount({ account }),
      depositCash({ account, amount: 1_000_000 }),
      depositShares({ account, symbol: 0, amount: 1_000 }),
    ]),
  );
  const minutes = 1_000;
  for (let n = 2; n <= minutes; n++) {
    const order = { price: 100 + (n % 7), quantity: 1 };
    rig.tick(
      n * MINUTE,
      sell({ account: 2, ...order }),
      buy({ account: 2, ...order, selfTrade: "NONE" }),
    );
  }
  const { series } = rig.candles;
  let reads = 0;
  const start = series.start.bind(series);
  series.start = (place) => {
    reads++;
    return start(place);
  };
  const question = { ...all, now: minutes * MINUTE, account: 1, interval: ONE_MINUTE };
  const page = equityHistory(rig, { ...question, before: 10 * MINUTE, limit: 2 });
  expect(page.map((point) => point.start / MINUTE)).toEqual([9, 8]);
  expect(page.map(({ value }) => value)).toEqual([102_000, 101_000]);
  expect(reads).toBeLessThan(30);
});
