/** One route of the REST API, which serves a method of trading. */
import type { MonotonicClock } from "../../lib/clocks.ts";
import type { Lifecycle } from "../../lib/lifecycle.ts";
import { invalidParameters, mismatch } from "../../protocol/issue.ts";
import { OrdersStatus, REST_PATH, type RestRouteSpec } from "../../protocol/schemas/rest.ts";
import { type MethodName, methods, type Params } from "../../protocol/schemas.ts";
import type { Cost } from "../../protocol/weight.ts";
import { type Caller, isLoggedIn } from "../../trading/caller.ts";
import type { OrderEntry } from "../../trading/order-entry.ts";
import { shuttingDown } from "../../trading/outcome.ts";
import type { ServedMethod, Service } from "../../trading/service.ts";
import type { AccountTraces } from "../account-traces.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { Counters } from "../counters.ts";
import type { BodyBudget } from "../http/body-budget.ts";
import { taggedResponse } from "../http/etag.ts";
import type { HttpLogins } from "../http/http-logins.ts";
import { bucketOf, rateHeaders } from "../http/rate-headers.ts";
import { hasBody } from "../http/request-body.ts";
import { type RequestGate, refuse } from "../http/request-gate.ts";
import { HttpError, JsonAnswer } from "../http/responses.ts";
import type { Answer, HttpRequest, HttpServer, Method, Route } from "../http/route.ts";
import type { RequestFees } from "./request-fees.ts";
import type { RequestWatch } from "./request-watch.ts";
import { assertNone, bodyParams, checkedParams, queryParams } from "./rest-params.ts";

export interface RestParts extends MonotonicClock {
  service: Service;
  httpLogins: Pick<HttpLogins, "callerOf">;
  gate: Pick<RequestGate, "charge">;
  addresses: ClientAddresses;
  lifecycle: Lifecycle;
  fees: RequestFees;
  bodies: BodyBudget;
  counters: Counters;
  entry: Pick<OrderEntry, "taken" | "part" | "gathered">;
  /** Logs refusals of accounts that are traced. */
  traces: Pick<AccountTraces, "isOn" | "onRefused">;
  watch: RequestWatch;
}

/** A route that serves methods of trading. */
export type ServedRoute = RestRouteSpec & {
  readonly method: ServedMethod;
  readonly done?: ServedMethod;
};

export class RestRoute implements Route {
  readonly method: Method;
  readonly path: string;
  readonly takesDots: boolean;
  readonly #spec: ServedRoute;
  readonly #cost: Cost;
  readonly #hasBody: boolean;
  readonly #parts: RestParts;

  constructor(name: string, spec: ServedRoute, parts: RestParts) {
    const [method, path] = name.split(" ", 2) as [Method, string];
    this.method = method;
    this.path = REST_PATH + path;
    this.takesDots = path.endsWith("/:client_order_id");
    this.#spec = spec;
    this.#cost = methods[spec.method].cost;
    this.#hasBody = method === "POST" || method === "PATCH";
    this.#parts = parts;
  }

  async answer(request: HttpRequest, server: HttpServer): Promise<Answer> {
    const { lifecycle, fees, watch } = this.#parts;
    const begun = watch.begun();
    const caller = await this.#callerOf(request, server);
    try {
      fees.forRequest(caller, this.#cost);
      if (!lifecycle.isOpen) throw new HttpError(shuttingDown());
      const given = await this.#given(caller, request);
      const text = await this.#serve(caller, request, given, begun);
      if (this.#spec.isTagged !== true) return new JsonAnswer(text, this.#headers(caller));
      return taggedResponse(request, text, "application/json", this.#headers(caller));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#traceRefusal(caller, error);
      throw error.with(this.#headers(caller)).to(caller);
    }
  }

  #traceRefusal(caller: Caller, error: HttpError): void {
    const { traces } = this.#parts;
    if (!traces.isOn || !isLoggedIn(caller) || error instanceof CommandRefusal) return;
    traces.onRefused(caller.account, { route: `${this.method} ${this.path}` }, error.body);
  }

  /** Headers of the bucket that pays, for a user; none without a login. */
  #headers(caller: Caller): Record<string, string> {
    if (!isLoggedIn(caller)) return {};
    const { limits } = caller;
    return rateHeaders(limits, bucketOf(limits, this.#cost), this.#parts.monotonic());
  }

  /** The caller of a request. With a wrong login, its address pays. */
  #callerOf(request: HttpRequest, server: HttpServer): Caller | Promise<Caller> {
    const { httpLogins, addresses, gate } = this.#parts;
    const refused = (refusal: unknown): never => refuse(gate, request, server, refusal);
    try {
      const caller = httpLogins.callerOf(request, addresses.of(request, server));
      return caller instanceof Promise ? caller.catch(refused) : caller;
    } catch (refusal) {
      return refused(refusal);
    }
  }

  /**
   * Serves the method and resolves with its result as JSON. That is made in the turn of its read (`DurableReads`), because it
   * takes as long as the read. `begun`: when the request began, from `RequestWatch`.
   */
  #serve(caller: Caller, request: HttpRequest, given: object, begun: number): Promise<string> {
    const { method, rest } = this.#asked(given);
    const params = checkedParams(method, rest, request.params, this.#spec.without ?? []);
    const { service, counters, entry, watch } = this.#parts;
    return new Promise((resolve, reject) => {
      const { taken: before } = entry;
      let isCommand = false;
      service.serve(method, caller, params as Params<typeof method>, (outcome) => {
        if ("error" in outcome) {
          return reject(new (isCommand ? CommandRefusal : HttpError)(outcome.error));
        }
        if (method === "order.batch") {
          counters.onBatch(outcome as Parameters<Counters["onBatch"]>[0]);
        }
        resolve(JSON.stringify(outcome.result));
      });
      const orders = entry.taken - before;
      isCommand = orders > 0;
      if (isCommand) watch.onTaken(begun, entry.part, entry.gathered - orders, caller.account);
    });
  }

  /** The method that is asked for, and the members of `given` that are its own. */
  #asked(given: object): { method: ServedMethod; rest: object } {
    const { method, done } = this.#spec;
    if (done === undefined) return { method, rest: given };
    const { status, ...rest } = given as { status?: unknown };
    return { method: isDone(status) ? done : method, rest };
  }

  /** The members that the request has in its body or in its query. Members in the other one are refused, not ignored. */
  async #given(caller: Caller, request: HttpRequest): Promise<object> {
    const { method } = this.#spec;
    const query = queryParams(request, method);
    if (this.#hasBody) {
      assertNone(query, method, "Must be in the body, not in the query");
      return await this.#body(caller, request);
    }
    if (this.method !== "GET" && hasBody(request)) {
      assertNone(
        await this.#body(caller, request),
        method,
        "Must be in the query, not in the body",
      );
    }
    return query;
  }

  async #body(caller: Caller, request: HttpRequest): Promise<object> {
    const { fees, bodies } = this.#parts;
    using hold = bodies.open(caller.limits);
    return await bodyParams(request, !isLoggedIn(caller), (bytes) => {
      fees.forBody(caller, this.#cost, bytes);
      hold.take(bytes);
    });
  }
}

/** The refusal of a command. The log of a traced account has it already, together with the command. */
class CommandRefusal extends HttpError {}

/** Whether `status` asks for done orders; false for open ones. Throws `HttpError` 40001 for any other value. */
function isDone(status: unknown): boolean {
  if (status === undefined || status === "open") return false;
  if (status === "done") return true;
  const issue = mismatch("status", OrdersStatus, status);
  throw new HttpError(invalidParameters("orders.open" satisfies MethodName, [issue]));
}
