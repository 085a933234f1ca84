/**
 * A small exchange in memory that speaks the wire contract, for tests of clients. It has a naive book, no
 * money and no persistence. A test can make it refuse requests and close connections.
 */
import { createHmac } from "node:crypto";
import { decode, encode } from "@msgpack/msgpack";
import type { ErrorBody } from "../../src/protocol/errors.ts";
import type { Result } from "../../src/protocol/schemas.ts";

export type OrderState = Result<"order.place">;

export interface Received {
  endpoint: string;
  encoding: string;
  method: string;
  params: Record<string, unknown>;
}

interface Session {
  endpoint: string;
  encoding: string;
  apiKey: string | undefined;
}

type Socket = Bun.ServerWebSocket<Session>;

/** A method throws this to answer with an error. */
class Refusal extends Error {
  constructor(readonly body: ErrorBody) {
    super(body.message);
  }
}

function wrongLogin(details?: Record<string, unknown>): Refusal {
  return new Refusal({
    code: 40101,
    message: "Wrong API key or secret",
    ...(details && { details }),
  });
}

const OPEN = ["ACCEPTED", "PARTIALLY_FILLED"];

export class StandInExchange implements AsyncDisposable {
  /** Every request except logins and pings, in order. */
  readonly received: Received[] = [];
  readonly orders = new Map<string, OrderState & { owner: string }>();
  /** By method: errors to answer instead of the method's result. Each is used once. */
  readonly refusals = new Map<string, ErrorBody[]>();
  /** By method: a function that answers instead of the method's own. */
  readonly answers = new Map<string, (params: Record<string, unknown>) => unknown>();
  /** The signature or secret that each login sent. */
  readonly logins: string[] = [];
  /** Members to add to the snapshot of an account, or to replace there. */
  moreOfSnapshot: object = {};
  /** Account events are numbered but not sent. */
  isMute = false;
  /** How far its clock is ahead of the test's. */
  clockAheadMs = 0;
  readonly #server: Bun.Server<Session>;
  readonly #sockets = new Set<Socket>();
  readonly #waiters: { isMet: () => boolean; resolve: () => void }[] = [];
  #tick = 0;
  /** By owner: the sequence number of the last event. */
  readonly #seqs = new Map<string, number>();

  constructor(
    public symbols: readonly string[],
    readonly secrets: Readonly<Record<string, string>>,
  ) {
    this.#server = Bun.serve<Session>({
      port: 0,
      fetch: (request, server) => {
        const protocol = request.headers.get("sec-websocket-protocol") ?? "waiver.json";
        const data: Session = {
          endpoint: new URL(request.url).pathname.slice(1),
          encoding: protocol.slice("waiver.".length),
          apiKey: undefined,
        };
        const headers = { "Sec-WebSocket-Protocol": protocol };
        return server.upgrade(request, { data, headers })
          ? undefined
          : new Response("WebSocket only", { status: 400 });
      },
      websocket: {
        open: (socket) => void this.#sockets.add(socket),
        close: (socket) => void this.#sockets.delete(socket),
        message: (socket, frame) => this.#onMessage(socket, frame),
      },
    });
  }

  get port(): number {
    return Number(this.#server.port);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  /** Resolves when `isMet` returns true. It is called after every message. */
  async until(isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ isMet, resolve });
    await promise;
  }

  refuseNext(method: string, body: ErrorBody): void {
    const bodies = this.refusals.get(method) ?? [];
    this.refusals.set(method, bodies);
    bodies.push(body);
  }

  /** Cuts every connection, as a crash does. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  push(endpoint: string, stream: string, data: unknown, owner?: string): void {
    for (const socket of this.#sockets) {
      const { endpoint: own, apiKey } = socket.data;
      if (own !== endpoint || (owner !== undefined && owner !== apiKey)) continue;
      this.#send(socket, { stream, data });
    }
  }

  openOrders(symbol?: string): (OrderState & { owner: string })[] {
    return [...this.orders.values()].filter(
      (order) => OPEN.includes(order.status) && (symbol === undefined || order.symbol === symbol),
    );
  }

  #onMessage(socket: Socket, frame: string | Buffer): void {
    const request = (typeof frame === "string" ? JSON.parse(frame) : decode(frame)) as {
      id: unknown;
      method: string;
      params: Record<string, unknown>;
    };
    const { id, method, params } = request;
    const { endpoint, encoding } = socket.data;
    if (method !== "auth.login" && method !== "ping") {
      this.received.push({ endpoint, encoding, method, params });
    }
    try {
      const refusal = this.refusals.get(method)?.shift();
      if (refusal !== undefined) throw new Refusal(refusal);
      this.#send(socket, { id, result: this.#answer(socket, method, params) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#send(socket, { id, error: error.body });
    }
    for (const waiter of this.#waiters) if (waiter.isMet()) waiter.resolve();
  }

  #send(socket: Socket, message: unknown): void {
    const isBinary = socket.data.encoding === "msgpack";
    socket.send(isBinary ? encode(message, { ignoreUndefined: true }) : JSON.stringify(message));
  }

  #answer(socket: Socket, method: string, params: Record<string, unknown>): unknown {
    const { apiKey, endpoint } = socket.data;
    const answer = this.answers.get(method);
    if (answer !== undefined) return answer(params);
    if (method === "auth.login") return this.#login(socket, params);
    if (apiKey === undefined && endpoint !== "market-data") {
      throw new Refusal({ code: 40100, message: "Not logged in" });
    }
    const owner = apiKey ?? "";
    switch (method) {
      case "ping":
        return { timestamp: Date.now() };
      case "symbols.list":
        return { symbols: this.symbols.map((symbol, index) => symbolInfo(symbol, index)) };
      case "tickers.list":
        return { tickers: [] };
      case "subscribe":
        return { subscribed: [] };
      case "unsubscribe":
        return { unsubscribed: [] };
      case "orders.open":
        return {
          seq: 0,
          orders: this.openOrders()
            .filter((order) => order.owner === owner)
            .map(stateOf),
        };
      case "orders.history":
        return {
          orders: [...this.orders.values()]
            .filter((order) => order.owner === owner && !OPEN.includes(order.status))
            .map(stateOf),
        };
      case "order.place":
        return this.#place(owner, params);
      case "order.cancel":
        return this.#change(owner, params, { status: "CANCELLED" });
      case "order.amend":
        return this.#change(owner, params, { price: Number(params.price) });
      default:
        throw new Refusal({ code: 40002, message: "Unknown method" });
    }
  }

  #login(socket: Socket, params: Record<string, unknown>): unknown {
    const key = String(params.api_key);
    const secret = this.secrets[key];
    const { timestamp, signature } = params;
    if (secret === undefined || (params.api_secret ?? secret) !== secret) throw wrongLogin();
    if (signature !== undefined) {
      const ahead = Number(timestamp) - Date.now() - this.clockAheadMs;
      if (Math.abs(ahead) > 5000) {
        throw wrongLogin({ field: "timestamp", server_time: Date.now() + this.clockAheadMs });
      }
      const hmac = createHmac("sha256", secret).update(`auth.login\n${key}\n${timestamp}`);
      if (hmac.digest("hex") !== signature) throw wrongLogin();
      if (this.logins.includes(`${signature}`)) throw wrongLogin({ field: "signature" });
    }
    this.logins.push(String(signature ?? params.api_secret));
    socket.data.apiKey = key;
    if (socket.data.endpoint === "user-data") this.#tellSnapshot(socket);
    return {
      authenticated: true,
      user_id: "usr_1",
      account_id: "acc_1",
      permissions: ["trade", "market_data"],
      rate_limits: { orders_per_second: 100, market_data_per_second: 1_000, burst_limit: 10 },
    };
  }

  #tellSnapshot(socket: Socket): void {
    const cash = { available: 0, reserved: 0, total: 0 };
    const rest = { cash, positions: [], orders: [], timestamp: Date.now(), tick: this.#tick };
    const data = {
      event: "snapshot",
      account_id: "acc_1",
      seq: this.#seqs.get(`${socket.data.apiKey}`) ?? 0,
      ...rest,
      ...this.moreOfSnapshot,
    };
    this.#send(socket, { stream: "user_data", data });
  }

  #place(owner: string, params: Record<string, unknown>): OrderState {
    const { post_only: _, time_in_force: timeInForce = "GTC", ...terms } = params;
    const now = Date.now();
    const order = {
      ...(terms as Pick<OrderState, "symbol" | "side" | "type" | "price" | "quantity">),
      owner,
      order_id: `ord_${this.orders.size + 1}`,
      time_in_force: timeInForce as OrderState["time_in_force"],
      filled_quantity: 0,
      status: "ACCEPTED" as OrderState["status"],
      created_at: now,
      timestamp: now,
      tick: ++this.#tick,
    };
    if (params.post_only === true && this.#opposite(order).length > 0) {
      throw new Refusal({ code: 40901, message: "Post-only order would cross the book" });
    }
    for (const maker of this.#opposite(order)) {
      const left = order.quantity - order.filled_quantity;
      const quantity = Math.min(left, maker.quantity - maker.filled_quantity);
      if (quantity === 0) break;
      this.#fill(order, quantity, Number(maker.price));
      this.#fill(maker, quantity, Number(maker.price));
      this.#tell(maker, { price: maker.price, quantity, trade_id: 1, liquidity: "MAKER", fee: 0 });
    }
    if (timeInForce === "IOC" && order.status !== "FILLED") order.status = "EXPIRED";
    this.orders.set(order.order_id, order);
    return stateOf(order);
  }

  /** Places a limit order as if a connection of `owner` had done so. */
  placeFor(
    owner: string,
    terms: { symbol: string; side: "BUY" | "SELL"; price: number; quantity: number },
  ): OrderState {
    return this.#place(owner, { type: "LIMIT", ...terms });
  }

  /** Sends the best prices of a book to every market-data connection. */
  tellBest(symbol: string): void {
    const best = (side: string, sign: number): [number, number] | null => {
      const open = this.openOrders(symbol).filter((order) => order.side === side);
      if (open.length === 0) return null;
      const price = sign * Math.max(...open.map((order) => sign * Number(order.price)));
      const waiting = open.filter((order) => order.price === price);
      const left = waiting.map((order) => order.quantity - order.filled_quantity);
      return [price, left.reduce((sum, each) => sum + each, 0)];
    };
    const [bid, ask] = [best("BUY", 1), best("SELL", -1)];
    const data = { symbol, bid, ask, tick: this.#tick, timestamp: Date.now() };
    this.push("market-data", "bbo", data);
  }

  #opposite(order: OrderState): (OrderState & { owner: string })[] {
    const sign = order.side === "BUY" ? 1 : -1;
    return this.openOrders(order.symbol)
      .filter((other) => other.side !== order.side)
      .filter((other) => sign * (Number(order.price) - Number(other.price)) >= 0)
      .toSorted((left, right) => sign * (Number(left.price) - Number(right.price)));
  }

  #fill(order: OrderState, quantity: number, price: number): void {
    const value = (order.average_price ?? 0) * order.filled_quantity + price * quantity;
    order.filled_quantity += quantity;
    order.average_price = Math.round((value / order.filled_quantity) * 10_000) / 10_000;
    order.status = order.filled_quantity === order.quantity ? "FILLED" : "PARTIALLY_FILLED";
  }

  #change(
    owner: string,
    { order_id: id }: Record<string, unknown>,
    change: Partial<OrderState>,
  ): OrderState {
    const order = this.orders.get(String(id));
    if (order === undefined || order.owner !== owner || !OPEN.includes(order.status)) {
      const details = { status: order?.status };
      throw new Refusal({ code: 40004, message: "Unknown order", details });
    }
    Object.assign(order, change, { tick: ++this.#tick });
    return stateOf(order);
  }

  #tell(order: OrderState & { owner: string }, fill: object): void {
    const seq = (this.#seqs.get(order.owner) ?? 0) + 1;
    this.#seqs.set(order.owner, seq);
    const data = { seq, event: "order", ...stateOf(order), last_fill: fill };
    if (!this.isMute) this.push("user-data", "user_data", data, order.owner);
  }
}

function stateOf({ owner: _, ...state }: OrderState & { owner: string }): OrderState {
  return state;
}

function symbolInfo(symbol: string, index: number): Result<"symbols.list">["symbols"][number] {
  return {
    symbol,
    ticker: `PLAYER${index}`,
    player_id: String(1_000 + index),
    player_name: `Player ${index}`,
    team: "KC",
    position: ["QB", "RB", "K"][index % 3] ?? null,
    number: index,
    player_status: "Active",
    state: "TRADING",
    price_increment: 1,
  };
}
