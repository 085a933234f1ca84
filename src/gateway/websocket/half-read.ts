/**
 * Bytes of messages that have come in part. Bun keeps a message until it is complete, so these are the bytes that the
 * system has received on a connection, less those of the messages that Bun has handed over. The estimate is rather too
 * low. Each look brings it up to date for a share of the connections. If frames are longer on the wire than assumed
 * here, the difference counts until the next message comes.
 */
import type { Session } from "./session.ts";

/** What comes before the first frame: the request, and what TLS needs. */
const HEAD_BYTES_MAX = 16 * 1024;
/** The head of a client's short frame, with what TLS adds: rather too much, so that the estimate is never too high. */
const FRAME_HEAD_BYTES = 40;
/** What every frame has paid for, however short it was. */
const PAID_BYTES = 4096;

/** Told of bytes that came on a connection with compression and were in no message that was heard. */
export type WasteSink = (session: Session, bytes: number) => void;

export class HalfRead {
  readonly #messageBytesMax: number;
  readonly #onWaste: WasteSink;
  readonly #sessions = new Map<string, Session>();

  /** `messageBytesMax`: of one message, more of it is not kept. */
  constructor(messageBytesMax: number, onWaste: WasteSink = () => undefined) {
    this.#messageBytesMax = messageBytesMax;
    this.#onWaste = onWaste;
  }

  join(session: Session): void {
    if (session.peer !== null) this.#sessions.set(session.peer, session);
  }

  leave(session: Session): void {
    if (session.peer !== null && this.#sessions.get(session.peer) === session) {
      this.#sessions.delete(session.peer);
    }
  }

  has(peer: string): boolean {
    return this.#sessions.has(peer);
  }

  /**
   * Brings `Session.halfRead` of the one at `peer` up to date, from whom `received` bytes have come in all, at
   * `descriptor`; false when nobody has joined from there.
   */
  count(peer: string, received: number, descriptor: number): boolean {
    const session = this.#sessions.get(peer);
    if (session === undefined) return false;
    session.descriptor = descriptor;
    const waste = session.isCompressed ? wasteOf(session) : 0;
    if (waste > 0) this.#onWaste(session, waste);
    count(session, received, this.#messageBytesMax);
    return true;
  }
}

/**
 * A message of which a part had come at the last look has been heard by the first that was heard since: what is in none of
 * those was in messages that were next to nothing when they were unpacked.
 */
function wasteOf({ heard, halfRead }: Session): number {
  return heard.hasMessage ? halfRead - heard.bytes - heard.frames * PAID_BYTES : 0;
}

function count(session: Session, received: number, messageBytesMax: number): void {
  const { heard } = session;
  const isFirst = session.received === 0;
  const came = received - session.received - (isFirst ? HEAD_BYTES_MAX : 0);
  const rest = Math.max(0, came - heard.bytes - heard.frames * FRAME_HEAD_BYTES);
  const before = heard.hasMessage ? 0 : session.halfRead;
  session.halfRead = Math.min(before + rest, messageBytesMax);
  session.received = received;
  heard.bytes = 0;
  heard.frames = 0;
  heard.hasMessage = false;
}
