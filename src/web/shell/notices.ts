/** Short news at the edge of the screen. */
import { signal } from "@preact/signals";
import { onAccountEvent } from "../account/account.ts";
import { dollars, shares } from "../lib/money.ts";
import { refusalText } from "../lib/refusal-text.ts";
import { onSessionLost } from "../login/session.ts";
import { playerName } from "../market/players.ts";

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
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Does what somebody has asked for. When it fails, a notice says why, after `what` failed. */
export async function attempt(action: () => unknown, what = ""): Promise<void> {
  try {
    await action();
  } catch (error) {
    notify(what + refusalText(error), "fault");
  }
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((each) => each.id !== id);
}

/** Whoever is logged out without having asked for it, here or in another tab, is told so. */
export function watchSession(): void {
  onSessionLost(() => notify("You are logged out: the session has ended", "fault"));
}

/** Whoever rests in the book is told when somebody comes. */
export function watchFills(): void {
  onAccountEvent((event) => {
    if (event.event !== "order" || event.last_fill?.liquidity !== "MAKER") return;
    const { quantity, price } = event.last_fill;
    const done = event.side === "BUY" ? "Bought" : "Sold";
    notify(`${done} ${shares(quantity)} ${playerName(event.symbol)} at ${dollars(price)}`);
  });
}
