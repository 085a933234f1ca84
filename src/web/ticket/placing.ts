/** Placing what the ticket says, once, whatever becomes of the line meanwhile. */
import {
  isExchangeError,
  newClientOrderId,
  type OrderState,
  OutcomeUnknownError,
  type Params,
  type TradingClient,
} from "@waiver/client";

export type Outcome =
  | { readonly order: OrderState }
  | { readonly error: unknown }
  /** It did not come in, and nobody will send it again. */
  | { readonly isLost: true };

/** Waits between looks for an order whose answer was lost. */
const LOOK_AGAIN_MS = 2000;

/**
 * Resolves when it is known what became of the order. `onUnknown` is called when that takes longer, because the line is
 * lost: the order is then looked for by its own id until the exchange answers.
 */
export async function placeOnce(
  client: TradingClient,
  params: Params<"order.place">,
  onUnknown: () => void,
): Promise<Outcome> {
  const order = { ...params, client_order_id: newClientOrderId() };
  try {
    return { order: await client.place(order) };
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) return { error };
    onUnknown();
    return await lookFor(client, order.client_order_id);
  }
}

async function lookFor(client: TradingClient, client_order_id: string): Promise<Outcome> {
  for (;;) {
    try {
      return { order: await client.orderStatus({ client_order_id }) };
    } catch (error) {
      if (isExchangeError(error, "UNKNOWN_ORDER")) return { isLost: true };
      if (client.state === "closed") return { error };
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, LOOK_AGAIN_MS);
      await promise;
    }
  }
}
