/**
 * An HTTP connection that sends its next request when the last one is answered. A raw socket costs the client little.
 */

const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = Buffer.from("Content-Length: ");
const OK = Buffer.from("HTTP/1.1 200 ");

export interface RestConnectionOptions {
  port: number;
  /** Complete requests, which are sent in turns. */
  requests: readonly Uint8Array[];
  /** Takes the body of every answer. */
  onAnswer(body: Buffer): void;
  /** Called when the server closes the connection or refuses a request. */
  onFault(error: Error): void;
}

export class RestConnection {
  readonly #options: RestConnectionOptions;
  #socket: Bun.Socket | undefined;
  #next = 0;
  #rest: Buffer | null = null;

  constructor(options: RestConnectionOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { port, onFault } = this.#options;
    this.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.setNoDelay(true),
        data: (_socket, chunk) => this.#onData(chunk),
        close: () => onFault(new Error("The server closed the connection")),
        error: (_socket, error) => onFault(error),
      },
    });
  }

  /** Sends the next request. After its answer the connection sends another one. */
  send(): void {
    const { requests } = this.#options;
    const request = requests[this.#next++ % requests.length];
    if (this.#socket?.write(request) !== request.length) throw new Error("A short write");
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    const start = bytes.indexOf(HEAD_END) + HEAD_END.length;
    const length = bytes.indexOf(LENGTH);
    // `#keep` makes a copy, because the socket uses its buffer again.
    if (start < HEAD_END.length || length < 0) return this.#keep(bytes);
    const end =
      start + Number.parseInt(bytes.toString("latin1", length + LENGTH.length, start), 10);
    if (bytes.length < end) return this.#keep(bytes);
    this.#rest = null;
    if (!bytes.subarray(0, OK.length).equals(OK)) {
      return this.#options.onFault(new Error(bytes.toString("latin1", 0, end)));
    }
    this.#options.onAnswer(bytes.subarray(start, end));
    this.send();
  }

  #keep(bytes: Buffer): void {
    this.#rest = Buffer.from(bytes);
  }
}
