/** The users of a demo exchange, with their cash and shares. Plain data; the server creates them. */

import type { RateLimits } from "../identity/user.ts";
import { symbolName } from "../protocol/names.ts";
import { anchorValue } from "./fair-value.ts";
import type { PastSymbol } from "./past.ts";

export type DemoRole = "maker" | "taker" | "trader";

export interface DemoUser {
  name: string;
  role: DemoRole;
  permissions: ("trade" | "market_data")[];
  /** Cents. */
  cash: number;
  /** Shares by symbol. */
  positions: Record<string, number>;
  rate_limits: RateLimits;
}

const DOLLAR = 100;

/** Shares of every symbol, so that makers can offer it and takers can sell it. */
const MAKER_SHARES = 1_000_000;
const TAKER_SHARES = 10_000;
/** Shares of the account that takes most. It is also one of the two sides in the trades of the past. */
const COLLECTOR_SHARES = 1_000_000;
const TRADER_SHARES = 100;
/** A trader for people starts with shares of about this many symbols. */
const TRADER_SYMBOLS = 36;

const NEWCOMER_SYMBOLS = 5;
const NEWCOMER_SHARES = 10;

const ROBOT_LIMITS = { orders_per_second: 500, market_data_per_second: 1_000, burst_limit: 500 };
const TRADER_LIMITS = { orders_per_second: 100, market_data_per_second: 1_000, burst_limit: 50 };

/** The shares that a user gets who signs up to the demo: a few of the best known players. */
export function sharesOfNewcomers(listed: readonly PastSymbol[]): Record<string, number> {
  const known = listed.toSorted((left, right) => anchorOf(right) - anchorOf(left));
  return Object.fromEntries(
    known.slice(0, NEWCOMER_SYMBOLS).map(({ symbol }) => [symbolName(symbol), NEWCOMER_SHARES]),
  );
}

const anchorOf = ({ playerId, position }: PastSymbol): number => anchorValue(playerId, position);

/** The demo accounts of an exchange that lists `symbols`. */
export function demoUsers(symbols: readonly string[]): DemoUser[] {
  const robot = (name: string, role: DemoRole, cash: number, shares: number): DemoUser => ({
    name,
    role,
    permissions: ["trade", "market_data"],
    cash,
    positions: Object.fromEntries(symbols.map((symbol) => [symbol, shares])),
    rate_limits: ROBOT_LIMITS,
  });
  const stride = Math.max(1, Math.floor(symbols.length / TRADER_SYMBOLS));
  const trader = (name: string, first: number): DemoUser => ({
    name,
    role: "trader",
    permissions: ["trade", "market_data"],
    cash: 100_000 * DOLLAR,
    positions: Object.fromEntries(
      symbols
        .filter((_, index) => index % stride === first % stride)
        .slice(0, TRADER_SYMBOLS)
        .map((symbol) => [symbol, TRADER_SHARES]),
    ),
    rate_limits: TRADER_LIMITS,
  });
  return [
    robot("maker-1", "maker", 1_000_000_000 * DOLLAR, MAKER_SHARES),
    robot("maker-2", "maker", 1_000_000_000 * DOLLAR, MAKER_SHARES),
    robot("taker-1", "taker", 10_000_000 * DOLLAR, TAKER_SHARES),
    robot("taker-2", "taker", 10_000_000 * DOLLAR, TAKER_SHARES),
    robot("taker-3", "taker", 1_000_000_000 * DOLLAR, COLLECTOR_SHARES),
    trader("alice", 0),
    trader("bob", 1),
  ];
}
