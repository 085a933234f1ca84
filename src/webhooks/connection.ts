/**
 * A connection to a receiver: one POST after the other, each with its answer. Only the status of an answer is read; the rest
 * is passed over where it is short, and ends the connection where it is not. A redirect is an answer like any other.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { isNotHttp, lengthOf, statusOf, withoutInterim } from "./answer.ts";
import type { Target } from "./target.ts";

/** Of an answer, with the interim ones before it. */
const ANSWER_BYTES_MAX = 8192;

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
  /** Of the answer to the last post: without the interim ones before it, and the bytes of all. */
  #received = "";
  #bytes = 0;
  #isIdle = false;
  #isClosed = false;
  #isEndedUnheard = false;

  /** To the address that was checked, and by its name where the receiver has to show a certificate. */
  constructor({ addresses: [host], port, url }: Target) {
    this.address = host;
    this.port = port;
    this.#url = url;
    // With TLS told when the certificate was found right: nothing is written before.
    const onOpen = (): void => this.#opened.resolve();
    this.#socket =
      url.protocol === "https:"
        ? connectTls({ host, port, ...serverName(url) }, onOpen)
        : connectTcp({ host, port }, onOpen);
    this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on("error", (error) => this.#onGone(error));
    this.#socket.on("close", () => this.#onGone(new Error("closed without an answer")));
  }

  /** Whether its last answer came whole, so that it takes another post. */
  get isIdle(): boolean {
    return this.#isIdle && !this.#isClosed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the receiver ended it before anything came of the last answer, as one that closed it while it was idle does. */
  get isEndedUnheard(): boolean {
    return this.#isEndedUnheard;
  }

  /** The status of the answer. Rejects, and is closed, when there is none within `timeoutMs`. One at a time. */
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
    // Nobody has asked for that.
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
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // What is in the URL has been encoded by its parser: no line ends in it.
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
