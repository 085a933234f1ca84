/**
 * From a frame to its handler: decode, envelope, method, shape, and only then who is asking, in the
 * order of checks of the wire contract.
 */
import { checkParams } from "../protocol/check.ts";
import { readEnvelope } from "../protocol/envelope.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import { decodeMessagePack } from "../protocol/message-pack.ts";
import { decodeOrderMsgpack } from "../protocol/order-decoder.ts";
import { OrderRequest } from "../protocol/order-request.ts";
import { isMethodName, type MethodSpec, methods } from "../protocol/schemas.ts";
import { failure, type Gateway, guarded, type Outcome, type Request, respond } from "./gateway.ts";
import { HANDLERS } from "./methods/index.ts";
import { submitOrder } from "./methods/orders.ts";
import type { Session } from "./session.ts";

export class Dispatcher {
  readonly #gateway: Gateway;
  readonly #order = new OrderRequest();

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  /** A text frame: JSON. Never throws. */
  text(session: Session, frame: string): void {
    this.#gateway.counters.requests++;
    guarded(this.#gateway, () => this.#text(session, frame));
  }

  /** A binary frame: MessagePack. Never throws. */
  binary(session: Session, frame: Uint8Array): void {
    this.#gateway.counters.requests++;
    guarded(this.#gateway, () => this.#binary(session, frame));
  }

  #text(session: Session, frame: string): null {
    let value: unknown;
    try {
      value = JSON.parse(frame);
    } catch {
      return this.#answer(session, undefined, false, failure(ErrorCode.MALFORMED_MESSAGE));
    }
    return this.#general(session, value, false);
  }

  /** The hot order requests go straight from bytes to a record. */
  #binary(session: Session, frame: Uint8Array): null {
    if (session.endpoint === "orders" && decodeOrderMsgpack(frame, frame.length, this.#order)) {
      const outcome = submitOrder(this.#gateway, session, this.#order, true, null);
      return outcome === null ? null : this.#answer(session, idOf(this.#order), true, outcome);
    }
    let value: unknown;
    try {
      value = decodeMessagePack(frame);
    } catch {
      return this.#answer(session, undefined, true, failure(ErrorCode.MALFORMED_MESSAGE));
    }
    return this.#general(session, value, true);
  }

  #general(session: Session, value: unknown, binary: boolean): null {
    const envelope = readEnvelope(value);
    if ("error" in envelope) {
      return this.#answer(session, envelope.id, binary, { error: envelope.error });
    }
    const { id, method, params } = envelope;
    const request = { id, binary, params };
    const outcome = guarded(this.#gateway, () => this.#handle(session, method, request));
    return this.#answer(session, id, binary, outcome);
  }

  #handle(session: Session, method: string, request: Request): Outcome {
    if (!isMethodName(method)) return failure(ErrorCode.UNKNOWN_METHOD, { method });
    const endpoints: readonly string[] = methods[method].endpoints;
    if (!endpoints.includes(session.endpoint)) {
      return failure(ErrorCode.UNKNOWN_METHOD, { method, endpoints });
    }
    const issues = checkParams(method, request.params);
    if (issues !== null) return { error: invalidParameters(method, issues) };
    const handler = HANDLERS[method];
    if (handler === undefined) {
      return failure(ErrorCode.UNKNOWN_METHOD, { method, issue: "not served yet" });
    }
    return this.#refusal(session, methods[method]) ?? handler(this.#gateway, session, request);
  }

  /** Why the session may not use a method; null when it may. */
  #refusal({ login }: Session, { permission }: MethodSpec): Outcome {
    if (permission === null) return null;
    if (permission === "market_data" && this.#gateway.anonymousMarketData) return null;
    if (login === null) return failure(ErrorCode.NOT_LOGGED_IN);
    if (login.permissions.includes(permission)) return null;
    return failure(ErrorCode.PERMISSION_MISSING, { permission });
  }

  #answer(
    session: Session,
    id: string | number | undefined,
    binary: boolean,
    outcome: Outcome,
  ): null {
    respond(this.#gateway, session, { id, binary }, outcome);
    return null;
  }
}

/** The request id of a decoded order as a value. */
function idOf({ idBytes, idLength }: OrderRequest): string | number | undefined {
  if (idLength === 0) return undefined;
  return decodeMessagePack(idBytes.subarray(0, idLength)) as string | number;
}
