/** Checks early that the exchange will be able to listen, because a start may take minutes before it listens. */
import { listenFault } from "./listen-fault.ts";

/** Throws an error for the operator when nobody can listen on this host and port now. It does not keep the port. */
export function expectFreePort(host: string, port: number): void {
  try {
    freePort(host, port);
  } catch (error) {
    throw listenFault(host, port, error);
  }
}

/** Returns `port`, or a free port when it is 0. Throws when nobody can listen on it. */
export function freePort(host: string, port: number): number {
  const socket = Bun.listen({ hostname: host, port, socket: { data: () => undefined } });
  socket.stop(true);
  return socket.port;
}
