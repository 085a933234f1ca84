/**
 * Every frame pays before it is looked at, also empty ones, pings and pongs. When its user or address has nothing left,
 * the frame is dropped. The client gets an error, but not for each frame, because refusals must be cheap. A client that
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

/** The longest frame of a client without a login: a `subscribe` to as many symbols as it takes is shorter. */
export const STRANGER_FRAME_BYTES_MAX = 65_536;
/**
 * Frames of a connection without a login that are let in although its address has nothing left, so that its client can
 * log in whatever others behind the address do; and the bytes of each.
 */
const GRACE_FRAMES = 8;
const GRACE_FRAME_BYTES_MAX = 4096;
/** Each 256 (2^8) bytes of a refused frame count as one refusal more. */
const BYTES_SHIFT = 8;
/** Refused frames of a connection within a window that are answered. */
const REFUSALS_TOLD_MAX = 10;
/** How long such an answer is held back. It slows down a client that waits for each answer before it sends again. */
const REFUSAL_DELAY_MS = 100;

const TOO_MANY = "Too many frames";
/** Of a frame that nobody looks into. */
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

  /** Whether a frame may be looked into; `isAnswered`: a refusal is told, which it is not for pings and pongs. */
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

  /** Bytes that were unpacked to nothing cost what a frame of so many costs. */
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

/** Which request a refused frame was, where it is one, and with which code it is refused. */
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
