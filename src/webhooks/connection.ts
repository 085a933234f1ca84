/**
 * A connection to a webhook's receiver: one POST after the other, each with its answer. Only the status of an answer is used.
 * The rest is skipped when it is short; when it is long, the connection is closed. Redirects are not followed.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { isNotHttp, lengthOf, statusOf, withoutInterim } from "./answer.ts";
import type { Target } from "./target.ts";

/** Longest answer, together with the interim answers before it. */
const ANSWER_BYTES_MAX = 8192;

/** The post whose answer is awaited. */
interface Waiting {
  resolve(status: number): void;
  reject(error: unknown): void;
}

export class Connection {
  readonly address: string;
  readonly port: number;
  readonly #url: URL;
  readonly #socket: Socket;
  readonly #opened = Promise.withResolvers<void>();
  #waiting: Waiting | null = null;
  /** What was received of the answer to the last post, without interim answers. */
  #received = "";
  /** Bytes received since the last post, with interim answers. */
  #bytes = 0;
  #isIdle = false;
  #isClosed = false;
  #isEndedUnheard = false;

  /** Connects to the first address of the target, which was checked. With TLS, the certificate has to fit the URL's name. */
  constructor({ addresses: [host], port, url }: Target) {
    this.address = host;
    this.port = port;
    this.#url = url;
    // With TLS this is called after the certificate was checked, and nothing is written before it.
    const onOpen = (): void => this.#opened.resolve();
    this.#socket =
      url.protocol === "https:"
        ? connectTls({ host, port, ...serverName(url) }, onOpen)
        : connectTcp({ host, port }, onOpen);
    this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on("error", (error) => this.#onGone(error));
    this.#socket.on("close", () => this.#onGone(new Error("closed without an answer")));
  }

  /** Whether the last answer is complete, so that another post may follow. */
  get isIdle(): boolean {
    return this.#isIdle && !this.#isClosed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the receiver closed it before it sent anything of the last answer, as when it had closed it while idle. */
  get isEndedUnheard(): boolean {
    return this.#isEndedUnheard;
  }

  /**
   * Sends a POST and resolves with the status of the answer. Only one post at a time. When there is no answer within
   * `timeoutMs`, or none can come any more, rejects and closes the connection.
   */
  post(
    headers: Readonly<Record<string, string>>,
    body: string,
    timeoutMs: number,
  ): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const request = requestOf(this.#url, headers, body);
    if (this.#isIdle) this.#socket.write(request);
    else void this.#opened.promise.then(() => this.#socket.write(request));
    this.#waiting = { resolve, reject };
    this.#received = "";
    this.#bytes = 0;
    this.#isIdle = false;
    const onLate = (): void => this.#end(new Error(`no answer in ${timeoutMs} ms`));
    const timer = setTimeout(onLate, timeoutMs);
    return promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#end(new Error("closed"));
  }

  #onData(chunk: Buffer): void {
    // Bytes that answer no post.
    if (this.#isIdle) return this.close();
    this.#bytes += chunk.length;
    this.#received = withoutInterim(this.#received + chunk.toString("latin1"));
    const status = statusOf(this.#received);
    const isTooLong = this.#bytes > ANSWER_BYTES_MAX;
    if (status === undefined) {
      if (isTooLong || isNotHttp(this.#received)) {
        this.#end(new Error("the answer is not HTTP"));
      }
      return;
    }
    this.#waiting?.resolve(status);
    this.#waiting = null;
    const length = lengthOf(this.#received);
    this.#isIdle = this.#received.length === length;
    const isNeverWhole = length === null || this.#received.length > (length ?? Infinity);
    if (isTooLong || isNeverWhole) this.close();
  }

  #onGone(error: Error): void {
    if (!this.#isClosed) this.#isEndedUnheard = this.#bytes === 0;
    this.#end(error);
  }

  #end(error: Error): void {
    this.#isClosed = true;
    this.#socket.destroy();
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

/** The name that the receiver's certificate has to show; nothing where the URL has an address instead of a name. */
function serverName({ hostname }: URL): { servername?: string } {
  return isIP(hostname.replace(/^\[(.*)\]$/, "$1")) === 0 ? { servername: hostname } : {};
}

function requestOf(url: URL, headers: Readonly<Record<string, string>>, body: string): string {
  const all = {
    Host: url.host,
    "User-Agent": "waiver-webhooks",
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // The URL's parser has encoded path and query, so they contain no line ends.
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
