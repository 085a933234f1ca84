/**
 * Sends back what it gets, and does nothing else: how long that takes is the doing of the machine, and of whoever else
 * works on it. Writes a `ListeningLine`.
 */
import { jsonLine } from "./json-line.ts";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, upgrading) =>
    upgrading.upgrade(request) ? undefined : new Response(null, { status: 426 }),
  websocket: {
    message(socket, frame) {
      socket.send(frame);
    },
  },
});
jsonLine({ event: "listening", port: Number(server.port) });
