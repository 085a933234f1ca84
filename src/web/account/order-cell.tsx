import type { OrderState } from "@waiver/client";
import { shares } from "../lib/money.ts";
import { sideWord, typeText } from "../ticket/outcome-words.ts";

/** What an order is to do, as a cell of a table. */
export function OrderCell({ order }: { order: OrderState }) {
  return (
    <td class="cell-words">
      <span class={order.side === "BUY" ? "up" : "down"}>{sideWord(order.side)}</span>{" "}
      {shares(order.quantity)} <span class="muted">{typeText(order)}</span>
    </td>
  );
}
