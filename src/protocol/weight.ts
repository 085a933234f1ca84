/** What a request costs its caller: published with its method, and paid before the request is served. */

/** Rows or levels that are asked for, pairs of channel and symbol, or all symbols that are listed. */
export type WeighedBy = "limit" | "levels" | "topics" | "listed";

/** `base` of the weight bucket, and one more for every `per`, begun or whole, of what `by` names. */
export interface Weight {
  readonly base: number;
  readonly by?: WeighedBy;
  readonly per?: number;
  /** How many there are of it where the request does not say. */
  readonly usual?: number;
  /** Beside that one more for every so many of what is known only when it is served, where there are so many. */
  readonly told?: { readonly what: Told; readonly per: number };
}

/** Events, levels of books or positions that are told, subscriptions that there are, or rows that are passed over. */
export type Told = "events" | "levels" | "positions" | "subscriptions" | "passed";

/** Which bucket pays: one token of a bucket of orders, or a weight. */
export type Cost = "orders" | "cancels" | Weight;

/** What weights look at in the params of a request. */
interface Weighed {
  readonly limit?: number;
  readonly levels?: number;
  readonly channels?: readonly string[];
  readonly symbols?: readonly string[];
}

/** The weight of a request whose params passed their check, when `listed` symbols are listed. */
export function weightOf(cost: Cost, params: object, listed: number): number {
  if (cost === "orders" || cost === "cancels") return 0;
  const { base, by, per = 1, usual = 0 } = cost;
  if (by === undefined) return base;
  return base + Math.ceil(countOf(by, params, usual, listed) / per);
}

/** What is paid beside it for so much of what it tells. */
export function weightOfTold(cost: Cost, count: number): number {
  if (cost === "orders" || cost === "cancels" || cost.told === undefined) return 0;
  return Math.floor(count / cost.told.per);
}

function countOf(by: WeighedBy, params: Weighed, usual: number, listed: number): number {
  switch (by) {
    case "limit":
      return params.limit ?? usual;
    case "levels":
      return params.levels ?? usual;
    case "listed":
      return listed;
    case "topics": {
      const { channels = [], symbols = [] } = params;
      return channels.length * (symbols.includes("*") ? listed : symbols.length);
    }
  }
}

const NAMES: Readonly<Record<WeighedBy, string>> = {
  limit: "rows asked for",
  levels: "levels asked for",
  topics: "pairs of channel and symbol",
  listed: "listed symbols",
};

const TOLD: Readonly<Record<Told, string>> = {
  events: "events that it tells",
  levels: "levels of a book that it tells",
  positions: "positions that it tells",
  subscriptions: "subscriptions of the connection",
  passed: "rows that it passes over",
};

/** In words, for the published pages. */
export function costText(cost: Cost): string {
  if (cost === "orders") return "one token of the order bucket for each order";
  if (cost === "cancels") return "one token of the bucket for cancels";
  const { base, by, per = 1, usual, told } = cost;
  const beside = told && `, and 1 for every ${told.per} ${TOLD[told.what]}, full ones`;
  if (by === undefined) return base === 0 ? "its frame alone" : `weight ${base}${beside ?? ""}`;
  const where = usual === undefined ? "" : ` (${usual} unless it says)`;
  return `weight ${base}, and 1 for every ${per} ${NAMES[by]}${where}${beside ?? ""}`;
}
