/** What a request costs its caller. The cost is published with the method, and paid before the request is served. */

/** What a weight may depend on: rows or levels asked for, pairs of channel and symbol, or all listed symbols. */
export type WeighedBy = "limit" | "levels" | "topics" | "listed";

/** `base`, and 1 for every `per` of what `by` names; also for the last ones, if they are fewer. */
export interface Weight {
  readonly base: number;
  readonly by?: WeighedBy;
  readonly per?: number;
  /** The number of what `by` names when the request does not say it. */
  readonly usual?: number;
  /** And 1 for every full `per` of something that is known only when the request is served. */
  readonly told?: { readonly what: Told; readonly per: number };
}

/** Events, levels or positions in the answer, subscriptions that there are, or rows that a query skips. */
export type Told = "events" | "levels" | "positions" | "subscriptions" | "passed";

/** Which bucket pays: that of orders or of cancels one token, or the weight bucket a weight. */
export type Cost = "orders" | "cancels" | Weight;

/** The params of a request that weights depend on. */
interface Weighed {
  readonly limit?: number;
  readonly levels?: number;
  readonly channels?: readonly string[];
  readonly symbols?: readonly string[];
}

/** The weight of a request whose params were checked, when `listed` symbols are listed. */
export function weightOf(cost: Cost, params: object, listed: number): number {
  if (cost === "orders" || cost === "cancels") return 0;
  const { base, by, per = 1, usual = 0 } = cost;
  if (by === undefined) return base;
  return base + Math.ceil(countOf(by, params, usual, listed) / per);
}

/** The further weight of a request, once `count` of what `cost.told` names is known. */
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

/** The cost in words, for the published pages. */
export function costText(cost: Cost): string {
  if (cost === "orders") return "one token of the order bucket for each order";
  if (cost === "cancels") return "one token of the bucket for cancels";
  const { base, by, per = 1, usual, told } = cost;
  const beside = told && `, and 1 for every ${told.per} ${TOLD[told.what]}, full ones`;
  if (by === undefined) return base === 0 ? "its frame alone" : `weight ${base}${beside ?? ""}`;
  const where = usual === undefined ? "" : ` (${usual} unless it says)`;
  return `weight ${base}, and 1 for every ${per} ${NAMES[by]}${where}${beside ?? ""}`;
}
