/** A WebSocket to one endpoint of the exchange, which comes back by itself and asks again for what it was subscribed to. */
import type { Endpoint, MethodName, Params, Result } from "../../protocol/schemas.ts";

export type LineState = "connecting" | "live" | "stale" | "offline";

const STALE_AFTER_MS = 1700;
const LOST_AFTER_MS = 6000;
const WATCH_MS = 150;
const DELAY_MIN_MS = 250;
const DELAY_MAX_MS = 10_000;
const TIMEOUT_MS = 10_000;

export class ExchangeError extends Error {
  readonly code: number;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(body: { code: number; message: string; details?: Record<string, unknown> }) {
    super(body.message);
    this.code = body.code;
    this.details = body.details ?? {};
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class Line {
  readonly #endpoint: Endpoint;
  readonly #pending = new Map<number, Pending>();
  readonly #handlers = new Map<string, Set<(data: never) => void>>();
  readonly #topics = new Map<string, object>();
  readonly #stateHandlers = new Set<(state: LineState) => void>();
  #socket: WebSocket | null = null;
  #state: LineState = "connecting";
  #lastId = 0;
  #heardMs = 0;
  #attempt = 0;
  #isClosed = false;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#open();
    setInterval(() => this.#watch(), WATCH_MS);
  }

  get state(): LineState {
    return this.#state;
  }

  onState(handler: (state: LineState) => void): () => void {
    this.#stateHandlers.add(handler);
    return () => this.#stateHandlers.delete(handler);
  }

  on(stream: string, handler: (data: never) => void): () => void {
    const handlers = this.#handlers.get(stream) ?? new Set();
    this.#handlers.set(stream, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  subscribe(params: Params<"subscribe">): () => void {
    const key = JSON.stringify(params);
    this.#topics.set(key, params);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#send("subscribe", params);
    return () => {
      this.#topics.delete(key);
      if (this.#socket?.readyState === WebSocket.OPEN) this.#send("unsubscribe", params);
    };
  }

  request<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        reject(new Error("not connected"));
        return;
      }
      const id = this.#send(method, params as object);
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      setTimeout(() => this.#pending.get(id)?.reject(new Error("no answer")), TIMEOUT_MS);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
  }

  #send(method: string, params: object): number {
    const id = ++this.#lastId;
    this.#socket?.send(JSON.stringify({ id, method, params }));
    return id;
  }

  #open(): void {
    const url = `${location.origin.replace(/^http/, "ws")}/${this.#endpoint}`;
    const socket = new WebSocket(url, "waiver.json");
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      this.#heardMs = performance.now();
      for (const params of this.#topics.values()) this.#send("subscribe", params);
      this.#set("live");
    };
    socket.onmessage = ({ data }) => this.#onMessage(data);
    socket.onclose = () => {
      for (const { reject } of this.#pending.values()) reject(new Error("connection lost"));
      this.#pending.clear();
      if (this.#isClosed) return;
      this.#set("offline");
      const ceiling = Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** this.#attempt++);
      setTimeout(() => this.#open(), ceiling / 2 + (ceiling / 2) * Math.random());
    };
  }

  #onMessage(text: string): void {
    this.#heardMs = performance.now();
    if (this.#state === "stale") this.#set("live");
    const message = JSON.parse(text);
    if (message.stream !== undefined) {
      for (const handler of this.#handlers.get(message.stream) ?? [])
        handler(message.data as never);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) pending?.resolve(message.result);
    else pending?.reject(new ExchangeError(message.error));
  }

  #watch(): void {
    const silent = performance.now() - this.#heardMs;
    if (this.#state === "live" && silent > STALE_AFTER_MS) this.#set("stale");
    if (this.#state === "stale" && silent > LOST_AFTER_MS) this.#socket?.close();
  }

  #set(state: LineState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const handler of this.#stateHandlers) handler(state);
  }
}
