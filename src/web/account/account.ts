/** The user's own account, up to date: cash, positions and open orders. It changes at most once a frame. */

import { signal } from "@preact/signals";
import type { Holding, OrderState, TradingClient } from "@waiver/client";
import { onNextFrame } from "../lib/frames.ts";
import { trading } from "../login/session.ts";

/** Null until the account is known. */
export const cash = signal<Holding | null>(null);
export const positions = signal<ReadonlyMap<string, Holding>>(new Map());
/** Open orders, newest first. */
export const openOrders = signal<readonly OrderState[]>([]);
/** Goes up when orders have changed. Lists of done orders and fills are then out of date. */
export const doneVersion = signal(0);

/** The list with everything of one symbol first, otherwise in its order. */
export function withFirst<T>(
  all: readonly T[],
  symbol: string | undefined,
  symbolOf: (each: T) => string,
): readonly T[] {
  if (symbol === undefined) return all;
  const isFirst = (each: T): boolean => symbolOf(each) === symbol;
  return [...all.filter(isFirst), ...all.filter((each) => !isFirst(each))];
}

type Event = Parameters<Parameters<TradingClient["account"]["onChange"]>[0]>[0];
const listeners = new Set<(event: Event) => void>();

/** Calls `handler` with every event of the logged-in user's account. */
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
  // Open orders from older pages come without an event.
  account.ready.then(
    () => {
      hasNewOrders = true;
      onNextFrame(show);
    },
    () => undefined,
  );
});
