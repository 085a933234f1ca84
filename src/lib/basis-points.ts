/** Basis points of the whole. Fees, price bands and price moves are given in basis points. */
export const WHOLE_BPS = 10_000;
