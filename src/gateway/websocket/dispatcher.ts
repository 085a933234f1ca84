/**
 * Decodes a frame, checks envelope, method and params, and passes the request to the part that serves it. It decides nothing
 * else.
 */
import type { MonotonicClock } from "../../lib/clocks.ts";
import { textInto } from "../../lib/text-into.ts";
import { checkParams } from "../../protocol/check.ts";
import { readEnvelope } from "../../protocol/envelope.ts";
import { type ErrorBody, ErrorCode } from "../../protocol/errors.ts";
import { clipped, invalidParameters, malformedMessage } from "../../protocol/issue.ts";
import { createOrderJsonDecoder } from "../../protocol/json-order-decoder.ts";
import { decodeMessagePack } from "../../protocol/message-pack.ts";
import { decodeOrderMsgpack } from "../../protocol/order-decoder.ts";
import {
  fillOrderRequest,
  type OrderMethodName,
  OrderRequest,
} from "../../protocol/order-request.ts";
import { isMethodName, type MethodName, methods, type Params } from "../../protocol/schemas.ts";
import type { AutomaticCancels } from "../../trading/automatic-cancels.ts";
import type { DeadMansSwitches } from "../../trading/dead-mans-switches.ts";
import type { Logins } from "../../trading/logins.ts";
import type { OrderEntry } from "../../trading/order-entry.ts";
import { failure, type Outcome } from "../../trading/outcome.ts";
import { isPublicQuery } from "../../trading/queries.ts";
import type { Service } from "../../trading/service.ts";
import type { Counters } from "../counters.ts";
import type { Answers } from "./answers.ts";
import type { FrameWatch } from "./frame-watch.ts";
import type { RefusalTrace } from "./refusal-trace.ts";
import { markOf, type RequestIds, type RequestMark } from "./request-ids.ts";
import type { Session } from "./session.ts";
import { logIn } from "./session-login.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { UserData } from "./user-data.ts";
import type { UserDataResume } from "./user-data-resume.ts";

export interface DispatcherParts extends MonotonicClock {
  logins: Logins;
  cancels: AutomaticCancels;
  entry: OrderEntry;
  service: Service;
  switches: DeadMansSwitches;
  subscriptions: Subscriptions;
  userData: UserData;
  resume: UserDataResume;
  ids: RequestIds;
  answers: Answers;
  counters: Counters;
  watch: FrameWatch;
  trace: RefusalTrace;
  /** Called with an unexpected error. The client reads only that it was internal. */
  onBug(error: unknown): void;
}

const ANONYMOUS_TEXT: RequestMark = { id: undefined, isBinary: false };
const ANONYMOUS_BINARY: RequestMark = { id: undefined, isBinary: true };

const decodeOrderJson = createOrderJsonDecoder(textInto);

/** The error for a frame that could not be decoded. */
function unread(error: unknown): { error: ErrorBody } {
  return { error: malformedMessage("message", (error as Error).message) };
}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #order = new OrderRequest();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Serves a text frame, which is JSON. Never throws. */
  onText(session: Session, frame: string): void {
    // Hot order requests are decoded from text or bytes without making objects.
    if (session.endpoint === "orders") {
      this.#parts.watch.onFrame();
      if (decodeOrderJson(frame, this.#order)) return this.#onHotOrder(session, false);
    }
    let value: unknown;
    try {
      value = JSON.parse(frame);
    } catch (error) {
      return this.#answer(session, ANONYMOUS_TEXT, unread(error));
    }
    this.#onMessage(session, value, false);
  }

  /** Serves a binary frame, which is MessagePack. Never throws. */
  onBinary(session: Session, frame: Uint8Array): void {
    if (session.endpoint === "orders") {
      this.#parts.watch.onFrame();
      if (decodeOrderMsgpack(frame, frame.length, this.#order)) {
        return this.#onHotOrder(session, true);
      }
    }
    let value: unknown;
    try {
      value = decodeMessagePack(frame);
    } catch (error) {
      return this.#answer(session, ANONYMOUS_BINARY, unread(error));
    }
    this.#onMessage(session, value, true);
  }

  #onHotOrder(session: Session, isBinary: boolean): void {
    const { entry, ids, watch, onBug } = this.#parts;
    const order = this.#order;
    if (watch.isOn) watch.onDecoded();
    try {
      const error = entry.submit(session.caller, order, session);
      if (error !== null) return this.#answer(session, hotMark(order, isBinary), { error });
      if (watch.isOn) watch.onTaken(entry.part, session.last, session.caller.account);
      ids.of(entry.part).putBytes(session.last, order.idBytes, order.idLength, isBinary);
    } catch (error) {
      onBug(error);
      this.#answer(session, hotMark(order, isBinary), failure(ErrorCode.INTERNAL));
    }
  }

  #onMessage(session: Session, value: unknown, isBinary: boolean): void {
    const envelope = readEnvelope(value);
    const request = { id: envelope.id, isBinary };
    if ("error" in envelope) return this.#answer(session, request, { error: envelope.error });
    const { method, params } = envelope;
    try {
      const refusal = refuseShape(session, method, params);
      if (refusal !== null) this.#answer(session, request, refusal);
      else this.#serve(session, request, method as MethodName, params);
    } catch (error) {
      this.#parts.onBug(error);
      this.#answer(session, request, failure(ErrorCode.INTERNAL));
    }
  }

  /** Serves a method whose params were checked. */
  #serve(session: Session, request: RequestMark, method: MethodName, params: object): void {
    const { service, switches, subscriptions, resume } = this.#parts;
    const { caller } = session;
    const answer = (outcome: Outcome<object>): void => this.#answer(session, request, outcome);
    switch (method) {
      case "order.place":
      case "order.cancel":
      case "order.amend":
      case "order.cancel_all":
        return this.#onOrder(session, request, method, params as Params<OrderMethodName>);
      case "order.batch":
        return this.#onBatch(session, params as Params<typeof method>, answer);
      case "auth.login":
        return this.#logIn(session, request, params as Params<typeof method>);
      case "subscribe":
        return subscriptions.subscribe(session, caller, params as Params<typeof method>, answer);
      case "unsubscribe":
        return subscriptions.unsubscribe(session, caller, params as Params<typeof method>, answer);
      case "subscriptions":
        return subscriptions.subscriptions(session, caller, answer);
      case "depth.resume":
        return subscriptions.resumeDepth(session, caller, params as Params<typeof method>, answer);
      case "user_data.resume":
        return resume.resume(session, caller, params as Params<typeof method>, answer);
      case "orders.cancel_all_after":
        return answer(switches.set(session, caller, params as Params<typeof method>));
      default:
        return service.serve(method, caller, params as Params<typeof method>, (outcome) =>
          this.#answerQuery(session, request, outcome, isPublicQuery(method)),
        );
    }
  }

  /** Serves an order that was decoded by the general path. */
  #onOrder(
    session: Session,
    request: RequestMark,
    method: OrderMethodName,
    params: Params<OrderMethodName>,
  ): void {
    const { entry, ids, watch } = this.#parts;
    fillOrderRequest(this.#order, method, params);
    if (watch.isOn) watch.onDecoded();
    const error = entry.submit(session.caller, this.#order, session);
    if (error !== null) return this.#answer(session, request, { error });
    if (watch.isOn) watch.onTaken(entry.part, session.last, session.caller.account);
    ids.of(entry.part).put(session.last, request);
  }

  /** Serves a batch. If its frame is traced, the first order that is accepted stands for all. */
  #onBatch(
    session: Session,
    params: Params<"order.batch">,
    answer: (outcome: Outcome<object>) => void,
  ): void {
    const { service, counters, entry, watch } = this.#parts;
    const { taken: before } = entry;
    if (watch.isOn) watch.onDecoded();
    service.serve("order.batch", session.caller, params, (outcome) => {
      counters.onBatch(outcome);
      answer(outcome);
    });
    const orders = entry.taken - before;
    if (!watch.isOn || orders === 0) return;
    watch.onTaken(entry.part, entry.gathered - orders, session.caller.account);
  }

  #logIn(session: Session, request: RequestMark, params: Params<"auth.login">): void {
    const { userData, monotonic } = this.#parts;
    const outcome = logIn(session, this.#parts, params, monotonic());
    this.#answer(session, request, outcome);
    if ("error" in outcome) return;
    userData.leave(session);
    if (session.endpoint === "user-data") userData.join(session);
  }

  #answer(session: Session, request: RequestMark, outcome: Outcome<object>): void {
    const { answers, trace } = this.#parts;
    if ("error" in outcome) trace.note(session, request.id, outcome.error);
    answers.send(session, request, outcome);
  }

  /** `isPublic`: everybody may know the result. */
  #answerQuery(
    session: Session,
    request: RequestMark,
    outcome: Outcome<object>,
    isPublic: boolean,
  ): void {
    const { answers } = this.#parts;
    const answer = answers.unlessUnread(session, outcome);
    if (isPublic && "result" in answer) answers.sendPublic(session, request, answer.result);
    else this.#answer(session, request, answer);
  }
}

/** The error for a request that the endpoint does not serve, or whose params are wrong; null for a good one. */
function refuseShape({ endpoint }: Session, method: string, params: object): Outcome<never> | null {
  if (!isMethodName(method)) return failure(ErrorCode.UNKNOWN_METHOD, { method: clipped(method) });
  const endpoints: readonly string[] = methods[method].endpoints;
  if (!endpoints.includes(endpoint)) {
    return failure(ErrorCode.UNKNOWN_METHOD, { method, endpoints });
  }
  const issues = checkParams(method, params);
  return issues === null ? null : { error: invalidParameters(method, issues) };
}

/** The mark of an order that was decoded by the hot path. */
function hotMark({ idBytes, idLength }: OrderRequest, isBinary: boolean): RequestMark {
  return markOf(idBytes.subarray(0, idLength), isBinary);
}
