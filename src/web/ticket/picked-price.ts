import { signal } from "@preact/signals";

export const TICKET_ID = "ticket";

/** The price in cents that was last picked in the order book. Each pick makes a new object. */
export const pickedPrice = signal<{ readonly price: number } | null>(null);

export function pickPrice(price: number): void {
  pickedPrice.value = { price };
  showTicket();
}

/** Scrolls the ticket into sight: on a phone it is below the book. */
export function showTicket(): void {
  document.getElementById(TICKET_ID)?.scrollIntoView({ block: "nearest" });
}
