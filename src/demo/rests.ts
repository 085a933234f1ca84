import type { QuoteSide } from "./quotes.ts";
import type { RestedPart } from "./refusals.ts";

/** What one account does not do for a while. Times are milliseconds by the caller's clock. */
export class Rests {
  readonly #untilMs = new Map<string, number>();

  /**
   * Allows nothing new in this part until `untilMs`. "buying" counts for all symbols, the others for `symbol`
   * only.
   */
  add(from: RestedPart, symbol: string, untilMs: number): void {
    this.#untilMs.set(restKey(from, symbol), untilMs);
  }

  /** Whether the account may enter or move an order on this side of the symbol's book. */
  allows(side: QuoteSide, symbol: string, nowMs: number): boolean {
    const parts: RestedPart[] = ["symbol", side === "BUY" ? "buying" : "selling"];
    return parts.every((part) => (this.#untilMs.get(restKey(part, symbol)) ?? 0) <= nowMs);
  }
}

function restKey(part: RestedPart, symbol: string): string {
  return part === "buying" ? part : `${part} ${symbol}`;
}
