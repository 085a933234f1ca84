/** Places the ticket's order exactly once, whatever happens to the line meanwhile. */
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
  /** The order did not reach the exchange, and it is not sent again. */
  | { readonly isLost: true };

/** The wait between two lookups of an order whose answer was lost. */
const LOOK_AGAIN_MS = 2000;

/**
 * Places the order; resolves when it is known what became of it. When the line is lost, `onUnknown` is called,
 * and the order is looked up by its client order id until the exchange answers.
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
