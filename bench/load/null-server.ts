/**
 * A server that does nothing: answers every frame with one constant acknowledgement that carries the
 * request's id. What the load client reaches against it is the client's own ceiling.
 *
 *     bun bench/load/null-server.ts     prints {"msg":"listening","port":N}
 */
import { encode } from "@msgpack/msgpack";
import { JSON_ID_DIGITS, JSON_ID_OFFSET, MSGPACK_ID_OFFSET, REQUEST_ID_MIN } from "./request-id.ts";

const ack = {
  id: REQUEST_ID_MIN,
  result: {
    order_id: "ord_2147483649",
    symbol: "SYMBOL_12",
    side: "BUY",
    type: "LIMIT",
    price: 5000,
    quantity: 10,
    filled_quantity: 0,
    status: "ACCEPTED",
    timestamp: 1_700_000_000_000,
    tick: 100_000,
  },
};
const jsonTail = JSON.stringify(ack).slice(JSON_ID_OFFSET + JSON_ID_DIGITS);
const binaryAck = encode(ack);
const loginResult = { authenticated: true };

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
        socket.send(
          message.startsWith('{"id":"login"')
            ? JSON.stringify({ id: "login", result: loginResult })
            : message.slice(0, JSON_ID_OFFSET + JSON_ID_DIGITS) + jsonTail,
        );
      } else if (message[MSGPACK_ID_OFFSET - 1] !== 0xce) {
        socket.send(encode({ id: "login", result: loginResult }));
      } else {
        for (let at = MSGPACK_ID_OFFSET; at < MSGPACK_ID_OFFSET + 4; at++) {
          binaryAck[at] = message[at];
        }
        socket.send(binaryAck);
      }
    },
  },
});
console.log(JSON.stringify({ msg: "listening", port: server.port }));
