import { useSignal } from "@preact/signals";
import type { OrderState } from "@waiver/client";
import { Dialog } from "../lib/dialog.tsx";
import { bound, FormFault, PriceField, TextField } from "../lib/field.tsx";
import { type Parsed, parseShares, plainDecimal } from "../lib/money.ts";
import { submits } from "../lib/submits.ts";
import { inAccount } from "../login/session.ts";
import { playerName, playerOf } from "../market/players.ts";
import { notify } from "../shell/notices.ts";
import { type Faults, parsePrice } from "../ticket/order-form.ts";
import { faultsOf } from "../ticket/refusal-words.ts";

/** The dialog that changes the prices and the quantity of an open order. */
export function AmendDialog({ order, onClose }: { order: OrderState; onClose: () => void }) {
  const price = useSignal(order.price === undefined ? "" : plainDecimal(order.price));
  const stopPrice = useSignal(order.stop_price === undefined ? "" : plainDecimal(order.stop_price));
  const quantity = useSignal(String(order.quantity));
  const faults = useSignal<Faults>({});
  const isSending = useSignal(false);
  const increment = playerOf(order.symbol)?.info.price_increment ?? 1;
  const isWaiting = order.status === "PENDING_TRIGGER";

  const save = async (): Promise<void> => {
    if (isSending.value) return;
    const changes: Record<string, number> = {};
    const wrong: Record<string, string> = {};
    const read = (field: string, parsed: Parsed, before: number | undefined): void => {
      if ("fault" in parsed) wrong[field] = parsed.fault;
      else if (parsed.value !== before) changes[field] = parsed.value;
    };
    if (order.price !== undefined) {
      read("price", parsePrice(price.value, increment), order.price);
    }
    if (isWaiting && order.stop_price !== undefined) {
      read("stop_price", parsePrice(stopPrice.value, increment), order.stop_price);
    }
    read("quantity", parseShares(quantity.value), order.quantity);
    faults.value = wrong;
    if (Object.keys(wrong).length > 0) return;
    if (Object.keys(changes).length === 0) {
      onClose();
      return;
    }
    isSending.value = true;
    try {
      const { order_id } = order;
      await inAccount((client) => client.amend({ order_id, ...changes }));
      notify("Order amended");
      onClose();
    } catch (error) {
      faults.value = faultsOf(error);
    }
    isSending.value = false;
  };
  return (
    <Dialog title={`Amend: ${playerName(order.symbol)}`} onClose={onClose}>
      <form noValidate onSubmit={submits(save)}>
        {order.price !== undefined && (
          <PriceField
            label="New price"
            increment={increment}
            {...bound(price)}
            fault={faults.value.price}
          />
        )}
        {isWaiting && order.stop_price !== undefined && (
          <PriceField
            label="New stop price"
            increment={increment}
            {...bound(stopPrice)}
            fault={faults.value.stop_price}
          />
        )}
        <TextField
          label="New quantity"
          inputMode="numeric"
          {...bound(quantity)}
          fault={faults.value.quantity}
          hint="Fewer shares keep the place in the queue"
        >
          <span class="unit">shares</span>
        </TextField>
        <FormFault text={faults.value.form} />
        <button type="submit" class="button primary" aria-disabled={isSending.value}>
          Save
        </button>
      </form>
    </Dialog>
  );
}
