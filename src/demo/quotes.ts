/**
 * The quotes that a maker wants in a book, and the actions that lead there. Pure functions; prices in cents.
 */

export type QuoteSide = "BUY" | "SELL";

export interface Quote {
  side: QuoteSide;
  price: number;
  quantity: number;
}

/** A quote in the book. `quantity` is what is left of it. */
export interface OpenQuote extends Quote {
  orderId: string;
}

export interface QuoteStyle {
  /** Distance from the fair value to the best quote, as a share of the value. */
  halfSpread: number;
  /** Distance between levels, as a share of the value. */
  levelStep: number;
  levels: number;
  /** Shares at the best level; each further one has as many more. */
  lot: number;
}

export type QuoteAction =
  | { kind: "place"; quote: Quote }
  | { kind: "amend"; order: OpenQuote; price: number }
  | { kind: "cancel"; order: OpenQuote };

/** Below this share of the wanted quantity a quote is replaced. */
const WORN = 0.5;

/**
 * One side of a ladder around `fairValue`, best first: prices are multiples of `increment`, at least one
 * increment from the value and from each other. Levels that would be at or below zero are left out.
 */
export function ladder(
  side: QuoteSide,
  fairValue: number,
  increment: number,
  style: QuoteStyle,
): Quote[] {
  const away = side === "BUY" ? -1 : 1;
  const inIncrements = (distance: number): number =>
    Math.max(1, Math.round((distance * fairValue) / increment));
  const round = side === "BUY" ? Math.floor : Math.ceil;
  const middle = round(fairValue / increment);
  const first = inIncrements(style.halfSpread);
  const step = inIncrements(style.levelStep);
  const quotes: Quote[] = [];
  for (let level = 0; level < style.levels; level++) {
    const price = (middle + away * (first + level * step)) * increment;
    if (price > 0) quotes.push({ side, price, quantity: style.lot * (level + 1) });
  }
  return quotes;
}

/**
 * The actions that turn the open quotes of one side of a book into the wanted ones: the best open quote becomes
 * the best wanted one, and so on. Quotes that have mostly traded are replaced, and spare ones cancelled. Behind
 * the best quote, a price that is off by at most `tolerance` cents stays.
 */
export function reconcile(
  wanted: readonly Quote[],
  open: readonly OpenQuote[],
  tolerance = 0,
): QuoteAction[] {
  const actions: QuoteAction[] = [];
  const sorted = open.toSorted(bestFirst);
  for (const [level, quote] of wanted.entries()) {
    const order = sorted[level];
    if (order === undefined) {
      actions.push({ kind: "place", quote });
    } else if (order.quantity < quote.quantity * WORN) {
      actions.push({ kind: "cancel", order }, { kind: "place", quote });
    } else if (Math.abs(order.price - quote.price) > (level === 0 ? 0 : tolerance)) {
      actions.push({ kind: "amend", order, price: quote.price });
    }
  }
  for (const order of sorted.slice(wanted.length)) actions.push({ kind: "cancel", order });
  return actions;
}

/** The value in the middle of a maker's own open quotes; undefined unless there are both sides. */
export function middleOf(open: readonly OpenQuote[]): number | undefined {
  const best = (side: QuoteSide): number | undefined =>
    open.filter((quote) => quote.side === side).toSorted(bestFirst)[0]?.price;
  const bid = best("BUY");
  const ask = best("SELL");
  return bid === undefined || ask === undefined ? undefined : Math.round((bid + ask) / 2);
}

function bestFirst(left: Quote, right: Quote): number {
  return left.side === "BUY" ? right.price - left.price : left.price - right.price;
}
