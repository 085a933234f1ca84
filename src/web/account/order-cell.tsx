import type { OrderState } from "@waiver/client";
import { shares } from "../lib/money.ts";
import { sideWord, typeText } from "../ticket/outcome-words.ts";

/** The cell of a table with an order's side, quantity and type. */
export function OrderCell({ order }: { order: OrderState }) {
  return (
    <td class="cell-words">
      <span class={order.side === "BUY" ? "up" : "down"}>{sideWord(order.side)}</span>{" "}
      {shares(order.quantity)} <span class="muted">{typeText(order)}</span>
    </td>
  );
}
