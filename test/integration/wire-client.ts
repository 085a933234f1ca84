import { Decoder, Encoder } from "@msgpack/msgpack";
import {
  assertCloseCode,
  assertError,
  assertPush,
  assertResponse,
} from "../protocol/documents/published.ts";

export type Encoding = "json" | "msgpack";
export const ENCODINGS: readonly Encoding[] = ["json", "msgpack"];

export type Path = "/orders" | "/market-data" | "/user-data";

/** Members of a message whose meaning the contract, not the type, decides. */
export type Members = Record<string, unknown>;

export interface Response {
  readonly id?: string | number;
  readonly result?: Members;
  readonly error?: WireError;
}

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly details?: Members;
}

export interface Push {
  readonly stream: string;
  readonly data: Members;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** What waits for an answer. */
interface Waiting {
  readonly method: string;
  readonly take: (response: Response) => void;
}

/** How long a condition may stay unmet before the test is told what was seen instead. */
const PATIENCE_MS = 60_000;

const encoder = new Encoder();
const decoder = new Decoder();

/**
 * A client of the public contract. It sends requests in its own encoding, tells answers (messages
 * with `id`, `result` or `error`) from pushes (messages with `stream`), keeps both in order of
 * arrival, and keeps as strays what is neither or answers nothing that was asked. Every message and
 * every close code must be as the published document says.
 */
export class WireClient implements Disposable {
  readonly pushes: Push[] = [];
  readonly responses: Response[] = [];
  readonly strays: unknown[] = [];
  /** Encodings of the frames that came, to compare with what was negotiated. */
  readonly frames = { json: 0, msgpack: 0 };
  readonly closed: Promise<Closing>;
  readonly #socket: WebSocket;
  /** The endpoint whose documents the messages must fit; null: none. */
  readonly #endpoint: string | null;
  readonly #waiting = new Map<string | number, Waiting>();
  readonly #conditions = new Set<() => void>();
  #closing: Closing | undefined;
  #nextId = 1;

  private constructor(
    socket: WebSocket,
    endpoint: string | null,
    readonly encoding: Encoding,
  ) {
    this.#endpoint = endpoint;
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(data);
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => {
        if (this.#endpoint !== null) assertCloseCode(this.#endpoint, code);
        this.#closing = { code, reason };
        for (const check of [...this.#conditions]) check();
        resolve(this.#closing);
      };
    });
  }

  /**
   * Opens a connection with the encoding's subprotocol. `isOther`: to an exchange of another version, which has other
   * documents.
   */
  static async open(
    url: string,
    path: Path,
    encoding: Encoding = "json",
    { isOther = false } = {},
  ): Promise<WireClient> {
    const client = new WireClient(
      new WebSocket(url.replace("http", "ws") + path, `waiver.${encoding}`),
      isOther ? null : path.slice(1),
      encoding,
    );
    await client.#opened();
    return client;
  }

  /** Opens a connection without a subprotocol; `search` is the query of the URL. */
  static async openPlain(
    url: string,
    path: Path,
    search: string,
    encoding: Encoding,
    headers: Record<string, string> = {},
  ): Promise<WireClient> {
    const socket = new WebSocket(url.replace("http", "ws") + path + search, { headers });
    const client = new WireClient(socket, path.slice(1), encoding);
    await client.#opened();
    return client;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a request under the next number and gives its answer. */
  request(method: string, params: Members = {}): Promise<Response> {
    const id = this.#nextId++;
    return this.ask({ id, method, params });
  }

  /** Sends a message with an id of the caller's choice and gives the answer to that id. */
  ask(message: Members & { readonly id: string | number }): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const watch = watchdog(() => reject(this.#impatience(JSON.stringify(message).slice(0, 500))));
    const take = (response: Response): void => {
      clearTimeout(watch);
      resolve(response);
    };
    this.#waiting.set(message.id, { method: String(message.method), take });
    this.send(message);
    return promise;
  }

  /** Sends a request whose answer may never come, and hands over the answer if it does. */
  notify(method: string, params: Members, take: (response: Response) => void): void {
    const id = this.#nextId++;
    this.#waiting.set(id, { method, take });
    this.send({ id, method, params });
  }

  /** The result of a request that must succeed. */
  async result(method: string, params: Members = {}): Promise<Members> {
    const response = await this.request(method, params);
    if (response.result === undefined) {
      throw new Error(`${method} ${JSON.stringify(params)}: ${JSON.stringify(response)}`);
    }
    return response.result;
  }

  /** The error of a request that must fail. */
  async refusal(method: string, params: Members = {}): Promise<WireError> {
    const response = await this.request(method, params);
    if (response.error === undefined) {
      throw new Error(`${method} ${JSON.stringify(params)}: ${JSON.stringify(response)}`);
    }
    return response.error;
  }

  /** Sends any value in the client's encoding and waits for nothing. */
  send(message: unknown): void {
    this.sendFrame(this.encoding === "json" ? JSON.stringify(message) : encoder.encode(message));
  }

  /** Sends a frame as it is: text as a text frame, bytes as a binary frame. */
  sendFrame(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  /** Sends a frame without an id and gives the next answer without an id. */
  async answerTo(frame: string | Uint8Array<ArrayBuffer>): Promise<Response> {
    const seen = this.strays.length;
    this.sendFrame(frame);
    await this.until(() => this.strays.length > seen, "an answer without an id");
    return this.strays.splice(seen, 1)[0] as Response;
  }

  /** Settles when the condition holds; it is tried now and after every message. */
  until(condition: () => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = (): void => {
      if (!condition()) {
        if (this.#closing === undefined) return;
        reject(new Error(`closed with ${this.#closing.code} before ${what}`));
      }
      resolve();
      clearTimeout(watch);
      this.#conditions.delete(check);
    };
    const watch = watchdog(() => {
      this.#conditions.delete(check);
      reject(this.#impatience(what));
    });
    this.#conditions.add(check);
    check();
    return promise;
  }

  /** The data of every push of a stream so far. */
  of(stream: string): Members[] {
    return this.pushes.filter((push) => push.stream === stream).map(({ data }) => data);
  }

  login(key: { readonly api_key: string; readonly api_secret: string }): Promise<Response> {
    const { api_key, api_secret } = key;
    return this.request("auth.login", { api_key, api_secret });
  }

  close(): Promise<Closing> {
    this.#socket.close();
    return this.closed;
  }

  get isOpen(): boolean {
    return this.#closing === undefined && this.#socket.readyState === WebSocket.OPEN;
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.onopen = () => resolve();
      this.#socket.onerror = () => reject(new Error("the upgrade failed"));
    });
  }

  #take(frame: string | ArrayBuffer): void {
    const text = typeof frame === "string";
    this.frames[text ? "json" : "msgpack"] += 1;
    this.#file(text ? JSON.parse(frame) : decoder.decode(new Uint8Array(frame)));
    for (const check of [...this.#conditions]) check();
  }

  #file(message: unknown): void {
    if (isPush(message)) {
      if (this.#endpoint !== null) assertPush(this.#endpoint, message);
      this.pushes.push(message);
      return;
    }
    const response = message as Response;
    const waiting = response.id === undefined ? undefined : this.#waiting.get(response.id);
    if (response.id === undefined || waiting === undefined) {
      if (this.#endpoint !== null && response.error !== undefined) assertError(response);
      this.strays.push(message);
      return;
    }
    this.#waiting.delete(response.id);
    if (this.#endpoint !== null) assertResponse(this.#endpoint, waiting.method, response);
    this.responses.push(response);
    waiting.take(response);
  }

  #impatience(what: string): Error {
    const seen = JSON.stringify({ pushes: this.pushes.slice(-5), strays: this.strays.slice(-5) });
    const state = this.#closing === undefined ? "open" : `closed with ${this.#closing.code}`;
    return new Error(`still waiting for ${what}; ${state}; last seen ${seen}`);
  }
}

function watchdog(bark: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(bark, PATIENCE_MS);
}

function isPush(message: unknown): message is Push {
  return typeof message === "object" && message !== null && "stream" in message;
}
