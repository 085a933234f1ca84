/**
 * One POST to an address. Only the status is read: the rest of the answer, however long, is not; a redirect is an
 * answer like any other.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Target } from "./target.ts";

/** From the connection's begin to the status. */
const TIMEOUT_MS = 10_000;
/** Of what comes before the status, interim answers included. */
const HEAD_BYTES_MAX = 8192;

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})[ \r]/;
/** 100 to 199, after which the answer is still to come; but 101 is the last. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/;

/** The status of the answer. Rejects when there is none within `timeoutMs`. */
export function post(
  { address, port, url }: Target,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs = TIMEOUT_MS,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const write = (): void => void socket.write(requestOf(url, headers, body));
  const socket: Socket =
    url.protocol === "https:"
      ? connectTls({ host: address, port, ...serverName(url) }, write)
      : connectTcp({ host: address, port }, write);
  const timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  let received = "";
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    received = withoutInterim(received + chunk.toString("latin1"));
    const [, status] = STATUS_LINE.exec(received) ?? [];
    if (status !== undefined && !INTERIM.test(received)) resolve(Number(status));
    else if (bytes > HEAD_BYTES_MAX) reject(new Error("the answer is not HTTP"));
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("closed without an answer")));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

function withoutInterim(text: string): string {
  let rest = text;
  while (INTERIM.test(rest)) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return rest;
    rest = rest.slice(end + 4);
  }
  return rest;
}

/** Of the certificate that the receiver has to show. */
function serverName({ hostname }: URL): { servername?: string } {
  return isIP(hostname.replace(/^\[(.*)\]$/, "$1")) === 0 ? { servername: hostname } : {};
}

function requestOf(url: URL, headers: Readonly<Record<string, string>>, body: string): string {
  const all = {
    Host: url.host,
    "User-Agent": "waiver-webhooks",
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // What is in the URL has been encoded by its parser: no line ends in it.
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
