import { signal } from "@preact/signals";
import type { FeeRates } from "./estimate.ts";

export const NO_FEES: FeeRates = { maker_bps: 0, taker_bps: 0 };

/** Fee rates of the account that the page is in, in basis points of an order's value. */
export const feeRates = signal<FeeRates>(NO_FEES);
