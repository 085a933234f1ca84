/**
 * The baseline of orders a second: a bare server that answers every message with the same acknowledgement, which is as
 * long as the exchange's. It parses JSON and ignores the result. It does not decode binary messages.
 *
 *     bun bench/load/echo-server.ts     prints {"msg":"listening","port":N}
 */
import { encode } from "@msgpack/msgpack";
import { ACKNOWLEDGEMENT } from "./acknowledgement.ts";
import { REQUEST_ID_MIN } from "./request-id.ts";

const acknowledgement = { id: REQUEST_ID_MIN, result: ACKNOWLEDGEMENT };
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
