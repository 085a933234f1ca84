/** Connects to the besieged server, with or without TLS. */

/** The processes of a siege pass this variable on to each other. */
const TLS_VARIABLE = "WAIVER_SIEGE_TLS";

/** From now on this process, and those that it starts, use TLS to connect to the server. */
export function useTls(): void {
  process.env[TLS_VARIABLE] = "1";
}

export function isTls(): boolean {
  return process.env[TLS_VARIABLE] !== undefined;
}

/** The certificate of the server is self-signed. */
const UNCHECKED = { rejectUnauthorized: false };

/** Connects to the server. With TLS, `socket.open` is called after the handshake, when something can be written. */
export function connectTo(port: number, socket: Bun.SocketHandler<undefined>): Promise<Bun.Socket> {
  if (!isTls()) return connectInClear(port, socket);
  const { open, ...others } = socket;
  const handshake = (opened: Bun.Socket): void => void open?.(opened);
  return Bun.connect({ ...to(port), tls: UNCHECKED, socket: { ...others, handshake } });
}

export function connectInClear(
  port: number,
  socket: Bun.SocketHandler<undefined>,
): Promise<Bun.Socket> {
  return Bun.connect({ ...to(port), socket });
}

const to = (port: number) => ({ hostname: "127.0.0.1", port });

export function fetchFrom(port: number, path: string, init: RequestInit): Promise<Response> {
  if (!isTls()) return fetch(`http://127.0.0.1:${port}${path}`, init);
  return fetch(`https://127.0.0.1:${port}${path}`, { ...init, tls: UNCHECKED });
}
