/** How the besieged server is reached: in clear, or over TLS. */

/** The siege's processes hand it down to each other. */
const TLS_VARIABLE = "WAIVER_SIEGE_TLS";

/** From here on all of them speak TLS to the server. */
export function speakTls(): void {
  process.env[TLS_VARIABLE] = "1";
}

export function isTls(): boolean {
  return process.env[TLS_VARIABLE] !== undefined;
}

/** Its certificate is signed by nobody. */
const UNCHECKED = { rejectUnauthorized: false };

/** Connects to the server; a `socket.open` is called when something can be written. */
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
