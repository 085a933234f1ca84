/**
 * Whether a trade between two accounts pays out more than it takes in: the maker's rebate is larger than the
 * taker's fee. Two accounts of one owner could then make money out of nothing. Both in basis points of the trade's
 * value, negative = a rebate.
 */
export function paysMoreThanItTakes(makerBps: number, takerBps: number): boolean {
  return makerBps + takerBps < 0;
}
