import { signal } from "@preact/signals";
import type { FeeRates } from "./estimate.ts";

/** Fee rates of the logged-in account, in basis points of an order's value. */
export const feeRates = signal<FeeRates>({ maker_bps: 0, taker_bps: 0 });
