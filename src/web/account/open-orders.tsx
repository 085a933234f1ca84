import { useSignal } from "@preact/signals";
import type { OrderState } from "@waiver/client";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { FiguresTable } from "../lib/figures-table.tsx";
import { useKeptFocus } from "../lib/kept-focus.ts";
import { shares } from "../lib/money.ts";
import { useRowsInSight } from "../lib/rows-in-sight.tsx";
import { inAccount } from "../login/session.ts";
import { PlayerLink } from "../market/player-link.tsx";
import { playerName } from "../market/players.ts";
import { attempt, notify } from "../shell/notices.ts";
import { priceText, sideWord, statusText } from "../ticket/outcome-words.ts";
import { openOrders, withFirst } from "./account.ts";
import { AmendDialog } from "./amend-dialog.tsx";
import { CancelAll } from "./cancel-all.tsx";
import { OrderCell } from "./order-cell.tsx";

/** `first`: the symbol whose orders come first. */
export function OpenOrders({ first: symbol }: { first?: string }) {
  const amended = useSignal<string | null>(null);
  const all = openOrders.value;
  const orders = useMemo(() => withFirst(all, symbol, (order) => order.symbol), [all, symbol]);
  const section = useRef<HTMLElement>(null);
  useKeptFocus(section);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, end, above, below } = useRowsInSight(scroller, orders.length);
  const isWhole = above === null && below === null;
  const order = orders.find(({ order_id }) => order_id === amended.value);
  const isGone = amended.value !== null && order === undefined;
  useEffect(() => {
    if (!isGone) return;
    amended.value = null;
    notify("The order is done: it filled or was cancelled while you changed it", "fault");
  }, [isGone]);
  return (
    <section class="card own-table" aria-label="Open orders" ref={section} tabIndex={-1}>
      <div class="card-head">
        <h2>Open orders</h2>
        <span class="muted">{shares(orders.length)}</span>
        <span class="spacer" />
        {orders.length > 1 && <CancelAll orders={orders} />}
      </div>
      {orders.length === 0 ? (
        <p class="empty">No open orders: what you place waits here until it trades</p>
      ) : (
        <FiguresTable
          label="All open orders"
          tableClass={`figures-table orders-table${isWhole ? "" : " long"}`}
          scroller={scroller}
          rowCount={isWhole ? undefined : orders.length}
          heads={[
            ...["Player", { words: "Order" }, "At", "Filled", { words: "State" }],
            <span key="actions" class="unseen">
              Actions
            </span>,
          ]}
        >
          {above}
          {orders.slice(first, end).map((each, i) => (
            <OrderRow
              key={each.order_id}
              order={each}
              index={isWhole ? undefined : first + i}
              onAmend={() => {
                amended.value = each.order_id;
              }}
            />
          ))}
          {below}
        </FiguresTable>
      )}
      {order !== undefined && (
        <AmendDialog
          order={order}
          onClose={() => {
            amended.value = null;
          }}
        />
      )}
    </section>
  );
}

interface RowProps {
  order: OrderState;
  /** Index of the row, from 0; undefined when all rows are in the document. */
  index: number | undefined;
  onAmend: () => void;
}

function OrderRow({ order, index, onAmend }: RowProps) {
  const isCancelling = useSignal(false);
  const cancel = async (): Promise<void> => {
    if (isCancelling.value) return;
    isCancelling.value = true;
    const { order_id } = order;
    await attempt(() => inAccount((client) => client.cancel({ order_id })), "Not cancelled: ");
    isCancelling.value = false;
  };
  // Names the order, so that the buttons of the rows have different names.
  const what = `${sideWord(order.side)} ${shares(order.quantity)} ${playerName(order.symbol)}`;
  const which = `${what} at ${priceText(order)}`;
  return (
    <tr aria-rowindex={index === undefined ? undefined : index + 2}>
      <td>
        <PlayerLink symbol={order.symbol} />
      </td>
      <OrderCell order={order} />
      <td>{priceText(order)}</td>
      <td>
        {shares(order.filled_quantity)} of {shares(order.quantity)}
      </td>
      <td class="cell-words">{statusText(order)}</td>
      <td class="row-actions">
        <button
          type="button"
          class="button small"
          aria-label={`Amend order: ${which}`}
          onClick={onAmend}
        >
          Amend
        </button>
        <button
          type="button"
          class="button small"
          aria-label={`Cancel order: ${which}`}
          aria-disabled={isCancelling.value}
          onClick={() => void cancel()}
        >
          Cancel
        </button>
      </td>
    </tr>
  );
}
