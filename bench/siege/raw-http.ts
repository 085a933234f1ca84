/** Sends one HTTP request as raw text, so that it can be invalid. */
import { connectTo } from "./connect.ts";

/** How long to wait for an answer. */
const PATIENCE_MS = 10_000;

export interface RawAnswer {
  /** 0 if the connection ended without an answer, or no answer came in time. */
  status: number;
  /** Head and body. */
  text: string;
}

/** Sends `request` over a new connection, and returns the first answer. */
export function rawHttp(port: number, request: string): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  let text = "";
  const done = (): void => resolve({ status: statusOf(text), text });
  const timer = setTimeout(done, PATIENCE_MS);
  const connecting = connectTo(port, {
    open: (socket) => {
      socket.write(request);
    },
    data: (socket, chunk) => {
      text += Buffer.from(chunk).toString("latin1");
      if (isWhole(text)) socket.end();
    },
    close: done,
    error: done,
  });
  connecting.catch(reject);
  return promise.finally(() => clearTimeout(timer));
}

function statusOf(text: string): number {
  return Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1] ?? 0);
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
  return end >= 0 && text.length >= end + 4 + length;
}
