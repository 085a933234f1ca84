/** What the page knows of its line to the exchange. */
import { signal } from "@preact/signals";
import { marketLine } from "../lib/exchange.ts";

export type LineWord = "Live" | "Stale" | "Offline" | "Connecting";

const WORDS = {
  connecting: "Connecting",
  live: "Live",
  stale: "Stale",
  offline: "Offline",
} as const;

export const lineWord = signal<LineWord>(WORDS[marketLine.state]);
marketLine.onState((state) => {
  lineWord.value = WORDS[state];
});
