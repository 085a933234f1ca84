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
import { isMethodName, methods } from "../protocol/schemas.ts";
import { failure, type Gateway, type Outcome, type Request, respond } from "./gateway.ts";
import { HANDLERS } from "./methods/index.ts";
import { submitOrder } from "./methods/orders.ts";
import type { Session } from "./session.ts";

export class Dispatcher {
  readonly #gateway: Gateway;
  readonly #order = new OrderRequest();

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  /** A text frame: JSON. */
  text(session: Session, frame: string): void {
    this.#gateway.counters.requests++;
    let value: unknown;
    try {
      value = JSON.parse(frame);
    } catch {
      return this.#answer(session, undefined, false, failure(ErrorCode.MALFORMED_MESSAGE));
    }
    this.#general(session, value, false);
  }

  /** A binary frame: MessagePack. The hot order requests go straight from bytes to a record. */
  binary(session: Session, frame: Uint8Array): void {
    this.#gateway.counters.requests++;
    if (session.endpoint === "orders" && decodeOrderMsgpack(frame, frame.length, this.#order)) {
      const outcome = submitOrder(this.#gateway, session, this.#order, true, null);
      if (outcome !== null) this.#answer(session, idOf(this.#order), true, outcome);
      return;
    }
    let value: unknown;
    try {
      value = decodeMessagePack(frame);
    } catch {
      return this.#answer(session, undefined, true, failure(ErrorCode.MALFORMED_MESSAGE));
    }
    this.#general(session, value, true);
  }

  #general(session: Session, value: unknown, binary: boolean): void {
    const envelope = readEnvelope(value);
    if ("error" in envelope) {
      return this.#answer(session, envelope.id, binary, { error: envelope.error });
    }
    const { id, method, params } = envelope;
    this.#answer(session, id, binary, this.#handle(session, method, { id, binary, params }));
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
    try {
      return handler(this.#gateway, session, request);
    } catch (error) {
      this.#gateway.onBug(error);
      return failure(ErrorCode.INTERNAL);
    }
  }

  #answer(
    session: Session,
    id: string | number | undefined,
    binary: boolean,
    outcome: Outcome,
  ): void {
    respond(this.#gateway, session, { id, binary }, outcome);
  }
}

/** The request id of a decoded order as a value. */
function idOf({ idBytes, idLength }: OrderRequest): string | number | undefined {
  if (idLength === 0) return undefined;
  return decodeMessagePack(idBytes.subarray(0, idLength)) as string | number;
}
