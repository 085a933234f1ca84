/** Basis points in a whole: fees, price bands and moves are so many ten-thousandths. */
export const WHOLE_BPS = 10_000;
