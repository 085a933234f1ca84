import { connect } from "node:net";

/**
 * Sends a request as it is. Resolves with everything received, when the server closes or when `isAll` accepts
 * it.
 */
export function sendRaw(
  port: number,
  request: string | Uint8Array,
  isAll: (received: string) => boolean = () => false,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
    if (isAll(received)) socket.destroy();
  });
  socket.on("close", () => resolve(received));
  socket.on("error", reject);
  socket.write(request);
  return promise;
}

/** The answer to a request for `target`, whose Host header is `host`; without one it is HTTP/1.0. */
export async function askRaw(
  port: number,
  target: string,
  host: string | null = "localhost",
): Promise<{ status: number; body: string }> {
  const head = host === null ? "HTTP/1.0" : `HTTP/1.1\r\nHost: ${host}`;
  const text = await sendRaw(port, `GET ${target} ${head}\r\nConnection: close\r\n\r\n`);
  const [first = "", body = ""] = text.split("\r\n\r\n", 2);
  return { status: Number(first.split(" ")[1]), body };
}
