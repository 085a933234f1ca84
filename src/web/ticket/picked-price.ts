import { signal } from "@preact/signals";

export const TICKET_ID = "ticket";

/** The price, in cents, that was picked in the order book last; a new object each time. */
export const pickedPrice = signal<{ readonly price: number } | null>(null);

export function pickPrice(price: number): void {
  pickedPrice.value = { price };
  showTicket();
}

/** Brings the ticket into sight where it is not: on a phone it stands below the book. */
export function showTicket(): void {
  document.getElementById(TICKET_ID)?.scrollIntoView({ block: "nearest" });
}
