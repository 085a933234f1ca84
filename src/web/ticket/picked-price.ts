import { signal } from "@preact/signals";

/** The price, in cents, that was picked in the order book last; a new object each time. */
export const pickedPrice = signal<{ readonly price: number } | null>(null);
