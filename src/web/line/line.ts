/** What the page knows of its lines to the exchange. */

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
trading.subscribe((client) => {
  tradingState.value = client?.state ?? "idle";
  client?.onState(({ state }) => {
    if (trading.peek() === client) tradingState.value = state;
  });
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

/** The worst of all lines in use. Until it is known whether somebody is logged in, his account is not what it shows. */
export const lineWord = computed<LineWord>(() => {
  const words: LineWord[] = [WORDS[marketState.value], WORDS[tradingState.value]];
  if (session.value === undefined) words.push("Stale");
  return WORST.find((word) => words.includes(word)) ?? "Offline";
});
