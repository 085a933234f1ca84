/** Equity, average cost and gains, as the exchange counts them. */

import { computed, effect, signal } from "@preact/signals";
import { ConnectionError } from "@waiver/client";
import { ask } from "../lib/rest.ts";
import { session } from "../login/session.ts";
import type { FeeRates } from "../ticket/estimate.ts";
import { feeRates } from "../ticket/fee-rates.ts";
import { cash, doneVersion, positions } from "./account.ts";

export interface EquityPosition {
  readonly symbol: string;
  readonly quantity: number;
  /** Cents that the shares cost, exactly. */
  readonly cost: number;
  /** Cents, rounded to 4 decimals. */
  readonly average_price: number | null;
  readonly last: number | null;
  readonly value: number;
  readonly realised: number;
  readonly unrealised: number;
  readonly fees: number;
}

export interface EquityPoint {
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly equity: number;
}

export interface Equity {
  readonly cash: number;
  readonly value: number;
  readonly equity: number;
  readonly deposits: number;
  readonly realised: number;
  readonly unrealised: number;
  readonly fees: number;
  readonly day_change: number;
  readonly fee_rates: FeeRates;
  readonly positions: readonly EquityPosition[];
  /** Newest first. */
  readonly history?: readonly EquityPoint[];
}

/** Null while it is not known, and where the exchange does not tell. */
export const equity = signal<Equity | null>(null);
export const costs = computed<ReadonlyMap<string, EquityPosition>>(
  () => new Map((equity.value?.positions ?? []).map((each) => [each.symbol, each])),
);

/** Prices move all the time; the account's own changes are asked for at once. */
const EVERY_MS = 10_000;
const SOON_MS = 300;

let timer: ReturnType<typeof setTimeout> | undefined;

effect(() => {
  const isLoggedIn = session.value != null;
  // Whatever is bought, sold, deposited or withdrawn shows in these.
  const hasChanged = cash.value !== null && positions.value !== null && doneVersion.value >= 0;
  clearTimeout(timer);
  if (!isLoggedIn) equity.value = null;
  else if (hasChanged) timer = setTimeout(() => void read(), SOON_MS);
});

async function read(): Promise<void> {
  const reader = session.peek();
  try {
    const read = await ask<Equity>("GET", "/account/equity");
    if (session.peek() !== reader) return;
    equity.value = read;
    feeRates.value = read.fee_rates;
  } catch (error) {
    if (!(error instanceof ConnectionError)) equity.value = null;
  }
  clearTimeout(timer);
  if (session.peek() != null) timer = setTimeout(() => void read(), EVERY_MS);
}
