/** One's own account as it stands: cash, positions and open orders, at most one change a frame. */

import { signal } from "@preact/signals";
import type { Holding, OrderState, TradingClient } from "@waiver/client";
import { onNextFrame } from "../lib/frames.ts";
import { trading } from "../login/session.ts";

/** Null until it is known. */
export const cash = signal<Holding | null>(null);
export const positions = signal<ReadonlyMap<string, Holding>>(new Map());
/** Open orders, newest first. */
export const openOrders = signal<readonly OrderState[]>([]);
/** Goes up with every order that ended or traded: histories are out of date then. */
export const doneVersion = signal(0);

type Event = Parameters<Parameters<TradingClient["account"]["onChange"]>[0]>[0];
const listeners = new Set<(event: Event) => void>();

/** Calls `handler` with every event of the account of whoever is logged in. */
export function onAccountEvent(handler: (event: Event) => void): void {
  listeners.add(handler);
}

trading.subscribe((client) => {
  cash.value = null;
  positions.value = new Map();
  openOrders.value = [];
  if (client === null) return;
  const { account } = client;
  let hasNewOrders = true;
  const show = (): void => {
    if (trading.peek() !== client) return;
    cash.value = account.cash;
    positions.value = new Map(account.positions);
    if (hasNewOrders) {
      openOrders.value = [...account.orders.values()].reverse();
      doneVersion.value++;
    }
    hasNewOrders = false;
  };
  account.onChange((event) => {
    if (event.event === "order" || event.event === "snapshot") hasNewOrders = true;
    onNextFrame(show);
    for (const listener of listeners) listener(event);
  });
  // Those of older pages come without an event.
  account.ready.then(
    () => {
      hasNewOrders = true;
      onNextFrame(show);
    },
    () => undefined,
  );
});
