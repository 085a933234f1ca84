/** The properties of a stream's market, so that seeds differ in more than their order of commands. */
import { PRICE_MAX, QUANTITY_MAX } from "../../../src/core/command.ts";
import type { Random } from "./random.ts";

export interface Market {
  accounts: number;
  symbols: number;
  increment: number;
  /** Prices lie within `spread` of the center: purchases mostly below it, sales above it. */
  center: number;
  spread: number;
  /**
   * Purchases go up to spread / cross above the center, and sales as far below it; further while orders
   * gather.
   */
  cross: number;
  quantityMax: number;
  cash: number;
  shares: number;
  /** The largest fee and rebate, in basis points. */
  feeMax: number;
  /** About how many of 100 commands remove orders. */
  cancels: number;
  /** About how many of 100 orders are stops. */
  stops: number;
  /** How many different client order ids each account uses. */
  clientIds: number;
  /** The longest time between two commands, with rare exceptions. */
  stepMs: number;
  /** Many orders expire at the next multiple of this many milliseconds; 0 = orders do not. */
  expiryMs: number;
  /** How many commands come before version 1 of the rules. */
  rulesAfter: number;
  /** The band of its symbols, unless a command changes it. */
  band: { bandBps?: number; bandMs?: number };
  guard: { moveBps: number; windowMs: number; pauseMs: number; auctionMs: number };
}

/** `symbolsMax`: how many symbols it has at most. */
export function drawMarket(random: Random, symbolsMax: number): Market {
  const center = random.pick([12, 100, 1_000, 256 * 40, 256 * 300, PRICE_MAX - 7]);
  const quantityMax = random.pick([5, 12, 1_000, QUANTITY_MAX]);
  const spread = random.pick([2, 6, 40, 600, 256 * 300]);
  const cross = random.pick([1, 2, 3, 6]);
  /** With rare exceptions, trades are at most twice as far apart. */
  const move = (spread / cross / center) * 10_000;
  return {
    accounts: random.between(2, 5),
    symbols: random.between(1, symbolsMax),
    increment: random.pick([1, 1, 1, 2, 5]),
    center,
    spread,
    cross,
    quantityMax,
    cash: random.pick([center * quantityMax * 100, center * 60, 2 ** 50]),
    shares: random.pick([quantityMax * 100, 60, 2 ** 40]),
    feeMax: random.pick([0, 7, 250, 10_000]),
    cancels: random.pick([3, 12, 30]),
    stops: random.pick([2, 15, 40]),
    clientIds: random.pick([20, 500]),
    stepMs: random.pick([0, 1, 1, 5]),
    expiryMs: random.pick([0, 0, 30, 100]),
    rulesAfter: random.pick([0, 0, 0, 700, Number.POSITIVE_INFINITY]),
    band: random.pick([
      {},
      {},
      {},
      { bandBps: Math.min(10_000, 2 * Math.ceil(move)), bandMs: random.pick([2, 20, 100]) },
    ]),
    guard: {
      moveBps: Math.ceil(move * random.pick([0, 0, 0.7, 1, 1.3, 1.6])),
      windowMs: random.pick([5, 20, 50, 400]),
      pauseMs: random.pick([1, 3]),
      auctionMs: random.pick([0, 1]),
    },
  };
}
