import { describe, expect, test } from "bun:test";
import { ladder, middleOf, type OpenQuote, reconcile } from "../../src/demo/quotes.ts";

const STYLE = { halfSpread: 0.01, levelStep: 0.005, levels: 3, lot: 20 };

function open(orderId: string, side: "BUY" | "SELL", price: number, quantity: number): OpenQuote {
  return { orderId, side, price, quantity };
}

describe("a ladder", () => {
  test("goes away from the fair value, with more shares further out", () => {
    expect([...ladder("BUY", 5_000, 1, STYLE), ...ladder("SELL", 5_000, 1, STYLE)]).toEqual([
      { side: "BUY", price: 4_950, quantity: 20 },
      { side: "BUY", price: 4_925, quantity: 40 },
      { side: "BUY", price: 4_900, quantity: 60 },
      { side: "SELL", price: 5_050, quantity: 20 },
      { side: "SELL", price: 5_075, quantity: 40 },
      { side: "SELL", price: 5_100, quantity: 60 },
    ]);
  });

  test("keeps to the increment and never meets itself", () => {
    expect([...ladder("BUY", 1_012, 25, STYLE), ...ladder("SELL", 1_012, 25, STYLE)]).toEqual([
      { side: "BUY", price: 975, quantity: 20 },
      { side: "BUY", price: 950, quantity: 40 },
      { side: "BUY", price: 925, quantity: 60 },
      { side: "SELL", price: 1_050, quantity: 20 },
      { side: "SELL", price: 1_075, quantity: 40 },
      { side: "SELL", price: 1_100, quantity: 60 },
    ]);
  });

  test("ends above zero", () => {
    expect(ladder("BUY", 3, 1, STYLE)).toEqual([
      { side: "BUY", price: 2, quantity: 20 },
      { side: "BUY", price: 1, quantity: 40 },
    ]);
  });
});

describe("reconciling", () => {
  const wanted = ladder("BUY", 5_000, 1, STYLE);

  test("places everything into an empty book", () => {
    expect(reconcile(wanted, [])).toEqual(wanted.map((quote) => ({ kind: "place", quote })));
  });

  test("leaves what is as wanted", () => {
    const quotes = [
      open("ord_3", "BUY", 4_900, 60),
      open("ord_1", "BUY", 4_950, 10),
      open("ord_2", "BUY", 4_925, 40),
    ];
    expect(reconcile(wanted, quotes)).toEqual([]);
  });

  test("moves prices, replaces worn quotes, cancels spare ones", () => {
    const moved = open("ord_1", "BUY", 4_960, 20);
    const worn = open("ord_2", "BUY", 4_935, 19);
    const right = open("ord_3", "BUY", 4_900, 60);
    const spare = open("ord_4", "BUY", 4_800, 60);
    expect(reconcile(wanted, [spare, right, worn, moved])).toEqual([
      { kind: "amend", order: moved, price: 4_950 },
      { kind: "cancel", order: worn },
      { kind: "place", quote: { side: "BUY", price: 4_925, quantity: 40 } },
      { kind: "cancel", order: spare },
    ]);
  });

  test("asks: the lowest is the best", () => {
    const asks = [open("ord_2", "SELL", 5_080, 40), open("ord_1", "SELL", 5_050, 20)];
    expect(reconcile(ladder("SELL", 5_000, 1, STYLE), asks)).toEqual([
      { kind: "amend", order: asks[0], price: 5_075 },
      { kind: "place", quote: { side: "SELL", price: 5_100, quantity: 60 } },
    ]);
  });
});

test("the middle is between the best quotes of both sides", () => {
  const bids = [open("ord_1", "BUY", 4_900, 1), open("ord_2", "BUY", 4_951, 1)];
  const asks = [open("ord_3", "SELL", 5_100, 1), open("ord_4", "SELL", 5_050, 1)];
  expect([middleOf([...bids, ...asks]), middleOf(bids), middleOf([])]).toEqual([
    5_001,
    undefined,
    undefined,
  ]);
});
