/** Equity, average cost and gains, as the exchange computes them. */

import { computed, effect, signal } from "@preact/signals";
import { ConnectionError, isPassing, type Result } from "@waiver/client";
import { KeptFresh } from "../lib/kept-fresh.ts";
import { ask } from "../lib/rest.ts";
import { session } from "../login/session.ts";
import { feeRates, NO_FEES } from "../ticket/fee-rates.ts";
import { cash, doneVersion, positions } from "./account.ts";

/** Amounts in cents. */
export type Equity = Result<"account.equity">;
export type EquityPosition = Equity["positions"][number];
/** The equity at the end of the minute or day that begins at `start`, milliseconds since 1970. */
export type EquityPoint = Pick<NonNullable<Equity["history"]>[number], "start" | "equity">;

/** Null while it is unknown, and when the exchange refuses to tell it. */
export const equity = signal<Equity | null>(null);
export const costs = computed<ReadonlyMap<string, EquityPosition>>(
  () => new Map((equity.value?.positions ?? []).map((each) => [each.symbol, each])),
);

/** How often it is asked for, because prices move; and how soon after a change of the account. */
const EVERY_MS = 10_000;
const SOON_MS = 300;

const fresh = new KeptFresh(read, EVERY_MS);

// With another account, its figures are not known yet.
session.subscribe(() => {
  equity.value = null;
  feeRates.value = NO_FEES;
});

effect(() => {
  const isLoggedIn = session.value != null;
  // Every purchase, sale, deposit and withdrawal changes one of these.
  const hasChanged = cash.value !== null && positions.value !== null && doneVersion.value >= 0;
  if (isLoggedIn && hasChanged) fresh.within(SOON_MS);
  if (!isLoggedIn) fresh.stop();
});

async function read(): Promise<void> {
  const reader = session.peek();
  try {
    const read = await ask<Equity>("GET", "/account/equity", undefined, reader?.account_id);
    if (session.peek() !== reader) return;
    equity.value = read;
    feeRates.value = read.fee_rates;
  } catch (error) {
    if (session.peek() !== reader) return;
    const mayPass = error instanceof ConnectionError || isPassing(error);
    if (!mayPass) equity.value = null;
  }
}
