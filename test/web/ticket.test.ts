import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { feeOf as exchangeFee, packFees, reservation } from "../../src/core/ledger/fees.ts";
import { csvMoney, csvText } from "../../src/web/lib/csv.ts";
import { affordable, estimate, feeOf, partOf } from "../../src/web/ticket/estimate.ts";
import { checkForm, type OrderForm, stopHint } from "../../src/web/ticket/order-form.ts";

const FREE = { maker_bps: 0, taker_bps: 0 };
const FORM: OrderForm = {
  ...{ side: "BUY", type: "LIMIT", timeInForce: "GTC", isPostOnly: false },
  ...{ price: "12.50", stopPrice: "", quantity: "10", expireAt: "" },
};
const RULES = { symbol: "SYMBOL_1", increment: 5, now: Date.parse("2026-11-26T12:00:00") };

describe("what the ticket says", () => {
  const more = { symbol: "SYMBOL_1", side: "BUY", quantity: 10 };
  const cases: [string, Partial<OrderForm>, object][] = [
    ["a limit order", {}, { type: "LIMIT", price: 1250, time_in_force: "GTC" }],
    [
      "post-only",
      { isPostOnly: true },
      { type: "LIMIT", price: 1250, time_in_force: "GTC", post_only: true },
    ],
    [
      "post-only, where it cannot be",
      { isPostOnly: true, timeInForce: "IOC" },
      { type: "LIMIT", price: 1250, time_in_force: "IOC" },
    ],
    [
      "a market order",
      { type: "MARKET", timeInForce: "IOC" },
      { type: "MARKET", time_in_force: "IOC" },
    ],
    [
      "a stop limit order",
      { type: "STOP_LIMIT", stopPrice: "13" },
      { type: "STOP_LIMIT", price: 1250, stop_price: 1300, time_in_force: "GTC" },
    ],
    [
      "one with an end",
      { timeInForce: "GTD", expireAt: "2026-11-27T12:00" },
      {
        ...{ type: "LIMIT", price: 1250, time_in_force: "GTD" },
        expire_at: Date.parse("2026-11-27T12:00"),
      },
    ],
  ];
  test.each(cases)("%s", (_name, part, order) => {
    expect(checkForm({ ...FORM, ...part }, RULES)).toEqual({
      params: { ...more, ...order } as never,
    });
  });

  test("a stop whose price has been reached would be sent at once", () => {
    const hint = (side: "BUY" | "SELL", stopPrice: string, last: number | null) =>
      stopHint({ ...FORM, side, type: "STOP", stopPrice }, last);
    expect([hint("BUY", "12.51", 1250), hint("BUY", "", 1250), hint("BUY", "1", null)]).toEqual(
      Array(3).fill("Sent when a trade is at this price or above"),
    );
    expect(hint("SELL", "12.49", 1250)).toBe("Sent when a trade is at this price or below");
    expect([hint("BUY", "12.50", 1250), hint("SELL", "12.50", 1250)]).toEqual(
      Array(2).fill("The last trade was at $12.50: it would be sent at once"),
    );
  });

  test("every bad field is named", () => {
    const form = { ...FORM, type: "STOP_LIMIT", timeInForce: "GTD" } as const;
    const wrong = {
      ...form,
      price: "12.51",
      stopPrice: "x",
      quantity: "",
      expireAt: "2026-11-26T11:59",
    };
    expect(checkForm(wrong, RULES)).toEqual({
      faults: {
        price: "Enter a multiple of $0.05",
        stop_price: "Enter dollars and cents, such as 12.50",
        quantity: "Enter a whole number of shares",
        expire_at: "Enter a time in the future",
      },
    });
  });
});

describe("what an order would cost", () => {
  const asks = [
    [100, 5],
    [110, 5],
    [130, 5],
  ] as const;

  test("counts what it takes from the book, and the rest at its own price", () => {
    const order = { side: "BUY", price: 120, quantity: 20, rests: true } as const;
    expect(estimate(order, asks, FREE)).toEqual({ notional: 1050 + 10 * 120, fee: 0, missing: 0 });
  });

  test("only what the book has, when the rest does not wait in it", () => {
    const market = { side: "BUY", price: undefined, quantity: 20, rests: false } as const;
    expect(estimate(market, asks, FREE)).toEqual({ notional: 1700, fee: 0, missing: 5 });
    const limit = { ...market, price: 120 };
    expect(estimate(limit, asks, FREE)).toEqual({ notional: 1050, fee: 0, missing: 10 });
  });

  test("makers and takers pay their own rates", () => {
    const order = { side: "BUY", price: 105, quantity: 1005, rests: true } as const;
    const rates = { maker_bps: -1, taker_bps: 10 };
    expect(estimate(order, asks, rates)).toEqual({
      notional: 500 + 105_000,
      fee: 0 + -10,
      missing: 0,
    });
  });

  test("is not shown where it cannot be computed", () => {
    const most = 0x7fff_ffff;
    const order = { side: "BUY", price: most, quantity: most, rests: true } as const;
    expect(estimate(order, [], FREE)).toBeNull();
  });

  test("fees are those of the exchange", () => {
    const notional = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(notional, fc.integer({ min: -100, max: 100 }), (cents, bps) => {
        expect(feeOf(cents, bps) + 0).toBe(exchangeFee(cents, bps, 0));
      }),
    );
  });

  test("the most shares are as many as can be paid for", () => {
    const cash = fc.integer({ min: 0, max: 1e12 });
    const price = fc.integer({ min: 1, max: 0x7fff_ffff });
    const bps = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(cash, price, bps, (cents, each, taker_bps) => {
        const fees = packFees(0, taker_bps);
        const shares = affordable(cents, 100, each, { maker_bps: 0, taker_bps });
        expect(reservation(each, shares, fees, 0)).toBeLessThanOrEqual(cents);
        expect(reservation(each, shares + 1, fees, 0)).toBeGreaterThan(cents);
      }),
    );
  });

  test("parts are whole", () => {
    expect([partOf(101, 25), partOf(99, 100), partOf(Number.MAX_SAFE_INTEGER, 100)]).toEqual([
      25,
      99,
      Number.MAX_SAFE_INTEGER,
    ]);
  });
});

test("tables for spreadsheets hold no formulas", () => {
  const rows = [
    ["player", "price"],
    ['=1+1,"x"', "12.50"],
    ["@x", -5],
    ["\n=x", "＝x"],
    [null, undefined],
    [csvMoney(-123_456), csvMoney(5)],
  ];
  expect(csvText(rows)).toBe(
    [
      "player,price",
      `"'=1+1,""x""",12.50`,
      "'@x,-5",
      `"'\n=x",'＝x`,
      ",",
      "-1234.56,0.05",
      "",
    ].join("\r\n"),
  );
});
