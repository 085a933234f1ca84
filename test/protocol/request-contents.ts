import type { OrderRequest } from "../../src/protocol/order-request.ts";

/** The content of an `OrderRequest`, without what earlier requests left in its arrays. */
export type RequestContents = ReturnType<typeof contentsOf>;

export function contentsOf(request: OrderRequest) {
  const { clientOrderId, clientOrderIdLength, idBytes: _idBytes, ...numbers } = { ...request };
  const text = new TextDecoder().decode(clientOrderId.subarray(0, clientOrderIdLength));
  return { ...numbers, clientOrderId: text };
}
