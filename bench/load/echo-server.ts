/**
 * The baseline of orders a second: a bare server that parses JSON, looks at nothing and answers every message
 * with one fixed acknowledgement, as long as the exchange's. A binary message it does not even decode.
 *
 *     bun bench/load/echo-server.ts     prints {"msg":"listening","port":N}
 */
import { encode } from "@msgpack/msgpack";
import { REQUEST_ID_MIN } from "./request-id.ts";

const acknowledgement = {
  id: REQUEST_ID_MIN,
  result: {
    order_id: "ord_2147483649",
    symbol: "SYMBOL_12",
    side: "BUY",
    type: "LIMIT",
    time_in_force: "GTC",
    price: 5000,
    quantity: 10,
    filled_quantity: 0,
    status: "ACCEPTED",
    created_at: 1_700_000_000_000,
    timestamp: 1_700_000_000_000,
    tick: 100_000,
  },
};
const text = JSON.stringify(acknowledgement);
const binary = encode(acknowledgement);

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    const protocol = request.headers.get("sec-websocket-protocol") ?? "waiver.json";
    const headers = { "Sec-WebSocket-Protocol": protocol };
    return server.upgrade(request, { headers })
      ? undefined
      : new Response("WebSocket only", { status: 400 });
  },
  websocket: {
    message(socket, message) {
      if (typeof message === "string") {
        JSON.parse(message);
        socket.send(text);
      } else {
        socket.send(binary);
      }
    },
  },
});
console.log(JSON.stringify({ msg: "listening", port: server.port }));
