/**
 * Charges for every frame before it is looked at, also for empty ones, pings and pongs. When its user or address has nothing
 * left, the frame is dropped. The client gets an error, but not for each frame, because refusals must be cheap. A client that
 * goes on regardless is closed.
 */
import type { MonotonicClock } from "../../lib/clocks.ts";
import { type RequestIdValue, readEnvelope } from "../../protocol/envelope.ts";
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { malformedMessage } from "../../protocol/issue.ts";
import { decodeMessagePack } from "../../protocol/message-pack.ts";
import { isMethodName, methods } from "../../protocol/schemas.ts";
import type { Counters } from "../counters.ts";
import type { Answers } from "./answers.ts";
import type { Patience } from "./patience.ts";
import type { RefusalTrace } from "./refusal-trace.ts";
import type { Session } from "./session.ts";

/** The longest frame of a client without a login. A `subscribe` to as many symbols as one request may name is shorter. */
export const STRANGER_FRAME_BYTES_MAX = 65_536;
/**
 * How many frames of a connection without a login are accepted although its address has nothing left, so that its client can
 * log in whatever others behind the address do; and how long each may be, bytes.
 */
const GRACE_FRAMES = 8;
const GRACE_FRAME_BYTES_MAX = 4096;
/** Each 256 (2^8) bytes of a refused frame count as one refusal more. */
const BYTES_SHIFT = 8;
/** How many refused frames of a connection are answered within a window. */
const REFUSALS_TOLD_MAX = 10;
/**
 * How long such an answer is held back, milliseconds. It slows down a client that waits for each answer before it sends
 * again.
 */
const REFUSAL_DELAY_MS = 100;

const TOO_MANY = "Too many frames";
/** Stands for a refused frame that is not decoded. */
const UNREAD = { id: undefined, code: ErrorCode.MARKET_DATA_RATE };
const UNTOLD = errorBody(UNREAD.code, undefined, TOO_MANY);

export interface FrameGateParts extends MonotonicClock {
  counters: Counters;
  answers: Answers;
  patience: Patience;
  trace: RefusalTrace;
}

export class FrameGate {
  readonly #parts: FrameGateParts;

  constructor(parts: FrameGateParts) {
    this.#parts = parts;
  }

  /**
   * Charges for a frame, and returns whether it may be served. `isAnswered`: a refusal may be answered, which is not so for
   * pings and pongs.
   */
  admits(session: Session, frame: string | Uint8Array, isAnswered: boolean): boolean {
    session.silentSweeps = 0;
    const { heard } = session;
    heard.frames++;
    heard.bytes += frame.length;
    heard.hasMessage ||= isAnswered;
    const { counters, monotonic } = this.#parts;
    counters.requests++;
    const bytes = frame.length;
    if (bytes > STRANGER_FRAME_BYTES_MAX && session.login === null) {
      return this.#refuse(session, frame, isAnswered);
    }
    if (session.caller.limits.frames.take(bytes, monotonic)) return true;
    if (
      session.login === null &&
      session.graceFrames < GRACE_FRAMES &&
      bytes <= GRACE_FRAME_BYTES_MAX
    ) {
      session.graceFrames++;
      return true;
    }
    return this.#refuse(session, frame, isAnswered);
  }

  /** Charges for bytes that were unpacked to nothing, as much as for a frame of this length. */
  payWaste(session: Session, bytes: number): void {
    const { patience, monotonic } = this.#parts;
    if (session.caller.limits.frames.take(bytes, monotonic)) return;
    patience.spend(session, 1 + (bytes >> BYTES_SHIFT));
  }

  #refuse(session: Session, frame: string | Uint8Array, isAnswered: boolean): false {
    const { counters, patience, trace } = this.#parts;
    counters.framesRefused++;
    const refused = patience.refusedOf(session);
    if (isAnswered && refused.told < REFUSALS_TOLD_MAX) {
      refused.told++;
      this.#tell(session, frame);
    } else if (isAnswered) {
      trace.note(session, UNREAD.id, UNTOLD);
    }
    patience.spend(session, 1 + (frame.length >> BYTES_SHIFT));
    return false;
  }

  #tell(session: Session, frame: string | Uint8Array): void {
    const { answers, trace, monotonic } = this.#parts;
    const isBinary = typeof frame !== "string";
    if (frame.length > STRANGER_FRAME_BYTES_MAX && session.login === null) {
      const issue = `Without a login a frame may have ${STRANGER_FRAME_BYTES_MAX} bytes at most`;
      const error = malformedMessage("message", issue);
      return answers.sendError(session, { id: undefined, isBinary }, error);
    }
    const { id, code } = frame.length <= GRACE_FRAME_BYTES_MAX ? readRefused(frame) : UNREAD;
    const retry_after_ms = Math.max(1, session.caller.limits.frames.wait(monotonic()));
    const error = errorBody(code, { retry_after_ms }, TOO_MANY);
    trace.note(session, id, error);
    setTimeout(() => answers.sendError(session, { id, isBinary }, error), REFUSAL_DELAY_MS);
  }
}

/** The id of a refused frame's request, if it is one, and the code with which it is refused. */
function readRefused(frame: string | Uint8Array): { id: RequestIdValue | undefined; code: number } {
  let value: unknown;
  try {
    value = typeof frame === "string" ? JSON.parse(frame) : decodeMessagePack(frame);
  } catch {
    return UNREAD;
  }
  const envelope = readEnvelope(value);
  if ("error" in envelope || !isMethodName(envelope.method)) return { ...UNREAD, id: envelope.id };
  const isOrder = typeof methods[envelope.method].cost === "string";
  return { id: envelope.id, code: isOrder ? ErrorCode.ORDER_RATE : ErrorCode.MARKET_DATA_RATE };
}
