/** The state of the page's lines to the exchange. */

import { computed, signal } from "@preact/signals";
import type { ClientState } from "@waiver/client";
import { market } from "../lib/exchange.ts";
import { session, trading } from "../login/session.ts";

export type LineWord = "Live" | "Stale" | "Offline";

const marketState = signal<ClientState>(market.state);
market.onState(({ state }) => {
  marketState.value = state;
});

const tradingState = signal<ClientState>("idle");
/** Whether the page shows the present state of the logged-in user's account. */
const isAccountLive = signal(true);
trading.subscribe((client) => {
  const look = (): void => {
    if (trading.peek() !== client) return;
    tradingState.value = client?.state ?? "idle";
    isAccountLive.value = client?.account.isLive ?? true;
  };
  look();
  client?.onState(look);
  client?.account.onLive(look);
});

const WORDS: Readonly<Record<ClientState, LineWord>> = {
  closed: "Offline",
  offline: "Offline",
  connecting: "Offline",
  stale: "Stale",
  live: "Live",
  idle: "Live",
};
const WORST: readonly LineWord[] = ["Offline", "Stale", "Live"];

/** The worst state of all lines in use. It is not "Live" until it is known whether somebody is logged in. */
export const lineWord = computed<LineWord>(() => {
  // A line for orders that is opened for the first one has not been lost.
  const isOpening = tradingState.value === "connecting";
  const words = [WORDS[marketState.value], isOpening ? "Live" : WORDS[tradingState.value]];
  if (session.value === undefined || !isAccountLive.value) words.push("Stale");
  return WORST.find((word) => words.includes(word)) ?? "Offline";
});
