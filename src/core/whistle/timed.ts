/**
 * What happens by time alone: orders expire, pauses become auctions, auctions open. It is done just before the first
 * command at or after its time. So nothing trades after that time without it, however late the command comes.
 *
 * From version 1 of the rules on, at most EXPIRIES_MAX orders expire at one timestamp. All commands of a tick have the
 * same timestamp, so this limits the work of a tick. Further expired orders stay in the book as overdue (`overdue.ts`)
 * until the first command of a later timestamp.
 */
import { SymbolState } from "../command.ts";
import { CLOCK_DUE, CLOCK_TIMESTAMP, type CoreParts } from "../parts.ts";
import { S_AUCTION_MS, S_DUE_F64, S_STATE, SYMBOL_DOUBLES, SYMBOL_INTS } from "../symbols.ts";
import type { Auction } from "./auction.ts";
import { ORDER_SHIFT } from "./order-arena.ts";
import type { Overdue } from "./overdue.ts";
import type { Protection } from "./protection.ts";

export function createTimed(
  parts: CoreParts,
  overdue: Overdue,
  protection: Protection,
  auction: Auction,
) {
  const { expiries, symbols, clock, rules } = parts;
  const S = symbols.ints;
  const SD = symbols.doubles;

  /** Orders expire first, so that no auction fills an expired order. Then come the symbols, by number. */
  function run(): void {
    const now = clock[CLOCK_TIMESTAMP];
    if (!rules.isAtLeast1()) while (overdue.areAny()) endFirst();
    else if (!rules.hasExpired(now)) endSome(now);
    while (clock[CLOCK_DUE] !== 0 && clock[CLOCK_DUE] <= now) {
      for (let symbol = 0; symbol < symbols.count; symbol++) {
        const due = SD[symbol * SYMBOL_DOUBLES + S_DUE_F64];
        if (due !== 0 && due <= now) advance(symbol, due);
      }
    }
  }

  function endFirst(): void {
    overdue.end(expiries.first() << ORDER_SHIFT);
  }

  function endSome(now: number): void {
    for (let i = 0; overdue.areAny(); i++) {
      if (i === rules.expiriesMax) return rules.noteExpired(now);
      endFirst();
    }
  }

  /** Goes from a pause to the auction, or from the auction to trading. */
  function advance(symbol: number, due: number): void {
    const auctionMs = S[symbol * SYMBOL_INTS + S_AUCTION_MS];
    if (S[symbol * SYMBOL_INTS + S_STATE] === SymbolState.HALTED && auctionMs !== 0) {
      protection.setState(symbol, SymbolState.AUCTION, due + auctionMs);
    } else {
      auction.open(symbol);
    }
  }

  return { run };
}
