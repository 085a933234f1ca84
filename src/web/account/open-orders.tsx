import { useSignal } from "@preact/signals";
import type { OrderState } from "@waiver/client";
import { FiguresTable } from "../lib/figures-table.tsx";
import { shares } from "../lib/money.ts";
import { trading } from "../login/session.ts";
import { PlayerLink } from "../market/player-link.tsx";
import { notify } from "../shell/notices.ts";
import { priceText, statusText } from "../ticket/outcome-words.ts";
import { refusalText } from "../ticket/refusal-words.ts";
import { openOrders } from "./account.ts";
import { AmendDialog } from "./amend-dialog.tsx";
import { OrderCell } from "./order-cell.tsx";

/** Rows that are drawn; a program's thousand orders are not for eyes. */
const ROWS_MAX = 200;

export function OpenOrders() {
  const amended = useSignal<string | null>(null);
  const orders = openOrders.value;
  const order = orders.find(({ order_id }) => order_id === amended.value);
  return (
    <section class="card own-table" aria-label="Open orders">
      <div class="card-head">
        <h2>Open orders</h2>
        <span class="muted">{orders.length}</span>
        <span class="spacer" />
        {orders.length > 1 && (
          <button type="button" class="button small" onClick={() => void cancelAll()}>
            Cancel all
          </button>
        )}
      </div>
      {orders.length === 0 ? (
        <p class="empty">No open orders: what you place waits here until it trades</p>
      ) : (
        <FiguresTable
          label="All open orders"
          tableClass="figures-table orders-table"
          heads={[
            ...["Player", "Order", "At", "Filled", "State"],
            <span key="actions" class="unseen">
              Actions
            </span>,
          ]}
          foot={
            orders.length > ROWS_MAX && (
              <p class="empty">And {shares(orders.length - ROWS_MAX)} older ones</p>
            )
          }
        >
          {orders.slice(0, ROWS_MAX).map((each) => (
            <OrderRow
              key={each.order_id}
              order={each}
              onAmend={() => {
                amended.value = each.order_id;
              }}
            />
          ))}
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

function OrderRow({ order, onAmend }: { order: OrderState; onAmend: () => void }) {
  const isCancelling = useSignal(false);
  const cancel = async (): Promise<void> => {
    isCancelling.value = true;
    try {
      await trading.peek()?.cancel({ order_id: order.order_id });
    } catch (error) {
      notify(`Not cancelled: ${refusalText(error)}`, "fault");
    }
    isCancelling.value = false;
  };
  return (
    <tr>
      <td>
        <PlayerLink symbol={order.symbol} />
      </td>
      <OrderCell order={order} />
      <td>{priceText(order)}</td>
      <td>
        {shares(order.filled_quantity)} of {shares(order.quantity)}
      </td>
      <td>{statusText(order)}</td>
      <td class="row-actions">
        <button type="button" class="button small" aria-label="Amend order" onClick={onAmend}>
          Amend
        </button>
        <button
          type="button"
          class="button small"
          aria-label="Cancel order"
          disabled={isCancelling.value}
          onClick={() => void cancel()}
        >
          Cancel
        </button>
      </td>
    </tr>
  );
}

async function cancelAll(): Promise<void> {
  try {
    const done = await trading.peek()?.cancelAll();
    notify(`Cancelled ${shares(done?.cancelled ?? 0)} orders`);
  } catch (error) {
    notify(`Not cancelled: ${refusalText(error)}`, "fault");
  }
}
