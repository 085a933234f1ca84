/** Short notices at the edge of the screen. Those that come while the page is hidden stay until it is shown. */
import { signal } from "@preact/signals";
import type { OrderState } from "@waiver/client";
import { onAccountEvent, openOrders } from "../account/account.ts";
import { dollars, shares } from "../lib/money.ts";
import { refusalText } from "../lib/refusal-text.ts";
import { AccountLeft, onSessionLost } from "../login/session.ts";
import { playerName } from "../market/players.ts";
import { priceText, sideWord, statusText } from "../ticket/outcome-words.ts";

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: "news" | "fault";
}

/** Oldest first. */
export const notices = signal<readonly Notice[]>([]);

const SHOWN_MS = 6000;
const NOTICES_MAX = 4;
let lastId = 0;

export function notify(text: string, kind: Notice["kind"] = "news"): void {
  const id = ++lastId;
  notices.value = [...notices.value, { id, text, kind }].slice(-NOTICES_MAX);
  if (!document.hidden) dismissLater(id);
}

function dismissLater(id: number): void {
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Does what the user has asked for. When it fails, a notice shows `what` and the reason. */
export async function attempt(action: () => unknown, what = ""): Promise<void> {
  try {
    await action();
  } catch (error) {
    // Whether it was done is not known then.
    const why = error instanceof AccountLeft ? "" : what;
    notify(why + refusalText(error), "fault");
  }
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((each) => each.id !== id);
}

export function dismissAll(): void {
  notices.value = [];
}

/** Shows a notice when the session has ended without a logout. */
export function watchSession(): void {
  onSessionLost(() => notify("You are logged out: the session has ended", "fault"));
}

/** Counts the time of notices that came while the page was hidden from when it is shown. */
export function watchVisibility(): void {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const { id } of notices.peek()) dismissLater(id);
  });
}

/**
 * Shows a notice when an order that was open trades, and when it ends otherwise than by its user. What becomes of
 * an order at once is said where it was placed.
 */
export function watchOrders(): void {
  onAccountEvent((event) => {
    if (event.event !== "order") return;
    const { order_id, side, reason, last_fill: fill } = event;
    const isNews = fill !== undefined || (reason !== undefined && !BY_USER.includes(reason));
    if (!isNews) return;
    const wasOpen = (): boolean => openOrders.peek().some((order) => order.order_id === order_id);
    if (fill?.liquidity !== "MAKER" && !wasOpen()) return;
    const player = playerName(event.symbol);
    if (fill !== undefined) {
      const done = side === "BUY" ? "Bought" : "Sold";
      notify(`${done} ${shares(fill.quantity)} ${player} at ${dollars(fill.price)}`);
    }
    if (reason === undefined || BY_USER.includes(reason)) return;
    const what = `${sideWord(side)} ${shares(event.quantity)} ${player} at ${priceText(event)}`;
    notify(`${what}. ${statusText(event)}`);
  });
}

const BY_USER: readonly OrderState["reason"][] = ["USER", "CANCEL_ALL"];
