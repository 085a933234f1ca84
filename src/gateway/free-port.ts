/** Whether the exchange will be able to listen, for a start that takes minutes before it does. */
import { listenFault } from "./listen-fault.ts";

/** Throws what an operator understands where nobody can listen there now. Nothing listens when it returns. */
export function expectFreePort(host: string, port: number): void {
  try {
    freePort(host, port);
  } catch (error) {
    throw listenFault(host, port, error);
  }
}

/** The port, or any when it is 0, if nobody listens on it; throws otherwise. */
export function freePort(host: string, port: number): number {
  const socket = Bun.listen({ hostname: host, port, socket: { data: () => undefined } });
  socket.stop(true);
  return socket.port;
}
