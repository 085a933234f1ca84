import type { OrderState } from "@waiver/client";
import { useMemo } from "preact/hooks";
import { AskBack } from "../lib/ask-back.tsx";
import { counted, shares } from "../lib/money.ts";
import { inAccount } from "../login/session.ts";
import { attempt, notify } from "../shell/notices.ts";

/** The button that cancels all open orders. It first asks back, and says which orders they are. */
export function CancelAll({ orders }: { orders: readonly OrderState[] }) {
  return (
    <AskBack
      text="Cancel all"
      question={useMemo(() => questionOf(orders), [orders])}
      yes={`Cancel ${counted(orders.length, "order")}`}
      no="Keep them"
      onYes={cancelAll}
    />
  );
}

/** `3 orders of 2 players: 2 to buy, 1 to sell`. */
function questionOf(orders: readonly OrderState[]): string {
  const players = new Set(orders.map(({ symbol }) => symbol)).size;
  const buys = orders.filter(({ side }) => side === "BUY").length;
  const sides = [
    ...(buys > 0 ? [`${shares(buys)} to buy`] : []),
    ...(buys < orders.length ? [`${shares(orders.length - buys)} to sell`] : []),
  ];
  return `${counted(orders.length, "order")} of ${counted(players, "player")}: ${sides.join(", ")}`;
}

async function cancelAll(): Promise<void> {
  await attempt(async () => {
    const { cancelled } = await inAccount((client) => client.cancelAll());
    notify(`Cancelled ${counted(cancelled, "order")}`);
  }, "Not cancelled: ");
}
