/**
 * The ways into the exchange: a WebSocket in either encoding, and REST. A client calls methods in the same
 * way on all of them.
 */
import { httpStatus } from "../../src/protocol/errors.ts";
import { type MethodName, methods } from "../../src/protocol/schemas.ts";
import { assertAnswer } from "../protocol/documents/published.ts";
import type { Key, Venue } from "./venue.ts";
import {
  type Encoding,
  type Members,
  type Path,
  WireClient,
  type WireError,
} from "./wire-client.ts";

export const DOORS = ["json", "msgpack", "rest"] as const;
export type DoorName = (typeof DOORS)[number];

export type Outcome = { readonly result: Members } | { readonly error: WireError };

/** A client that uses one of these ways. */
export interface Visitor extends Disposable {
  ask(method: MethodName, params: Members): Promise<Outcome>;
  /** Everything that it ever received, as text. */
  readonly heard: string[];
}

/** Opens one of the ways with `key`, or without a login. */
export function visit(venue: Venue, door: DoorName, key?: Key): Promise<Visitor> {
  return door === "rest"
    ? Promise.resolve(new RestVisitor(venue.server.url, key))
    : SocketVisitor.open(venue.server.url, door, key);
}

const PATHS: readonly Path[] = ["/orders", "/market-data", "/user-data"];

class SocketVisitor implements Visitor {
  readonly #clients: ReadonlyMap<Path, WireClient>;
  readonly #own: string[] = [];

  private constructor(clients: ReadonlyMap<Path, WireClient>) {
    this.#clients = clients;
  }

  static async open(url: string, encoding: Encoding, key?: Key): Promise<SocketVisitor> {
    const clients = new Map<Path, WireClient>();
    for (const path of PATHS) {
      const client = await WireClient.open(url, path, encoding);
      if (key !== undefined) await client.login(key);
      clients.set(path, client);
    }
    return new SocketVisitor(clients);
  }

  async ask(method: MethodName, params: Members): Promise<Outcome> {
    const [endpoint] = methods[method].endpoints;
    const { result, error } = await this.client(`/${endpoint}`).request(method, params);
    const outcome = error === undefined ? { result: result as Members } : { error };
    this.#own.push(JSON.stringify(outcome));
    return outcome;
  }

  client(path: Path): WireClient {
    return this.#clients.get(path) as WireClient;
  }

  get heard(): string[] {
    const pushes = [...this.#clients.values()].flatMap((client) => [
      ...client.pushes,
      ...client.strays,
    ]);
    return [...this.#own, ...pushes.map((push) => JSON.stringify(push))];
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }
}

class RestVisitor implements Visitor {
  readonly heard: string[] = [];
  readonly #base: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, key?: Key) {
    this.#base = `${url}/api/v1`;
    this.#headers = { "Content-Type": "application/json" };
    if (key === undefined) return;
    this.#headers["X-API-KEY"] = key.api_key;
    this.#headers["X-API-SECRET"] = key.api_secret;
  }

  async ask(method: MethodName, params: Members): Promise<Outcome> {
    const request = restRequest(method, params);
    if (request === null) throw new Error(`${method} is no route`);
    const { verb, path, body } = request;
    const response = await fetch(this.#base + path, {
      method: verb,
      headers: this.#headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    this.heard.push(text);
    const value = JSON.parse(text);
    assertAnswer(verb, path, response.status, value);
    if (response.status === 200) return { result: value };
    if (response.status !== httpStatus(value.code)) {
      throw new Error(`${response.status} for ${text}`);
    }
    return { error: value };
  }

  [Symbol.dispose](): void {}
}

interface RestRequest {
  readonly verb: string;
  readonly path: string;
  readonly body?: unknown;
}

type Route = (params: Members) => RestRequest;

const at = (value: unknown): string => encodeURIComponent(String(value));

/** The remaining members as a query. */
function query(params: Members): string {
  const pairs = Object.entries(params).map(([name, value]) => `${at(name)}=${at(value)}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

const plain =
  (path: string): Route =>
  (params) => ({ verb: "GET", path: path + query(params) });
const ofSymbol =
  (path = ""): Route =>
  ({ symbol, ...rest }) => ({ verb: "GET", path: `/symbols/${at(symbol)}${path}${query(rest)}` });
/** The path of one order, by either of its ids, and the remaining params. */
function target({ order_id, client_order_id, ...rest }: Members): [path: string, rest: Members] {
  const byClientId = `/orders/by-client-id/${at(client_order_id)}`;
  return [order_id === undefined ? byClientId : `/orders/${at(order_id)}`, rest];
}

/** The routes of the contract, by the equivalent method. */
const ROUTES: Partial<Record<MethodName, Route>> = {
  time: plain("/time"),
  "symbols.list": plain("/symbols"),
  "symbols.get": ofSymbol(),
  "book.snapshot": ofSymbol("/book"),
  "trades.recent": ofSymbol("/trades"),
  "candles.list": ofSymbol("/candles"),
  "tickers.get": ofSymbol("/ticker"),
  "tickers.list": plain("/tickers"),
  "order.place": (body) => ({ verb: "POST", path: "/orders", body }),
  "order.batch": (body) => ({ verb: "POST", path: "/orders/batch", body }),
  "orders.open": (params) => ({ verb: "GET", path: `/orders${query(params)}` }),
  "orders.history": (params) => ({
    verb: "GET",
    path: `/orders${query({ status: "done", ...params })}`,
  }),
  "order.cancel_all": (params) => ({ verb: "DELETE", path: `/orders${query(params)}` }),
  "order.status": (params) => {
    const [path, rest] = target(params);
    return { verb: "GET", path: path + query(rest) };
  },
  "order.cancel": (params) => {
    const [path, rest] = target(params);
    return { verb: "DELETE", path: path + query(rest) };
  },
  "order.amend": (params) => {
    const [path, body] = target(params);
    return { verb: "PATCH", path, body };
  },
  "account.balances": plain("/account/balances"),
  "account.positions": plain("/account/positions"),
  "account.trades": plain("/account/trades"),
  "account.equity": plain("/account/equity"),
};

/** The REST request for the method, or null if REST does not have it. */
export function restRequest(method: MethodName, params: Members): RestRequest | null {
  return ROUTES[method]?.(params) ?? null;
}
