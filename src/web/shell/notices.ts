/** Short notices at the edge of the screen. */
import { signal } from "@preact/signals";
import { onAccountEvent } from "../account/account.ts";
import { dollars, shares } from "../lib/money.ts";
import { refusalText } from "../lib/refusal-text.ts";
import { AccountLeft, onSessionLost } from "../login/session.ts";
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

/** Shows a notice when a resting order trades. */
export function watchFills(): void {
  onAccountEvent((event) => {
    if (event.event !== "order" || event.last_fill?.liquidity !== "MAKER") return;
    const { quantity, price } = event.last_fill;
    const done = event.side === "BUY" ? "Bought" : "Sold";
    notify(`${done} ${shares(quantity)} ${playerName(event.symbol)} at ${dollars(price)}`);
  });
}
