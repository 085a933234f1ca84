/**
 * Bytes of messages that have come in part. Bun keeps them, and tells of them when they are whole; so they are what the
 * system has received on a connection and nobody has heard of. They are estimated from below, a share of the connections
 * in each look: what frames are longer on the wire than here counts until the next message comes.
 */
import type { ReceiptSink } from "../../host/tcp-receipts.ts";
import type { Session } from "./session.ts";

/** What comes before the first frame: the request, and what TLS needs. */
const HEAD_BYTES_MAX = 16 * 1024;
/** Of a short frame of a client. */
const FRAME_HEAD_BYTES = 6;
/** Descriptors in one look: less than half a millisecond. */
const LOOK_DESCRIPTORS = 256;

/** Where the bytes are counted. */
export interface Receipts {
  look(count: number, sink: ReceiptSink): void;
}

export class HalfRead {
  readonly #receipts: Receipts | null;
  readonly #messageBytesMax: number;
  readonly #sessions = new Map<string, Session>();

  /** `receipts` null: nothing is known. `messageBytesMax`: of one message, more of it is not kept. */
  constructor(receipts: Receipts | null, messageBytesMax: number) {
    this.#receipts = receipts;
    this.#messageBytesMax = messageBytesMax;
  }

  join(session: Session): void {
    if (this.#receipts !== null && session.peer !== null) this.#sessions.set(session.peer, session);
  }

  leave(session: Session): void {
    if (session.peer !== null && this.#sessions.get(session.peer) === session) {
      this.#sessions.delete(session.peer);
    }
  }

  /** Brings `Session.halfRead` up to date, of some of them. */
  look(): void {
    if (this.#sessions.size === 0) return;
    this.#receipts?.look(LOOK_DESCRIPTORS, (peer, bytes) => {
      const session = this.#sessions.get(peer);
      if (session !== undefined) this.#count(session, bytes);
    });
  }

  #count(session: Session, received: number): void {
    const { heard } = session;
    const isFirst = session.received === 0;
    const came = received - session.received - (isFirst ? HEAD_BYTES_MAX : 0);
    const rest = Math.max(0, came - heard.bytes - heard.frames * FRAME_HEAD_BYTES);
    const before = heard.hasMessage ? 0 : session.halfRead;
    session.halfRead = Math.min(before + rest, this.#messageBytesMax);
    session.received = received;
    heard.bytes = 0;
    heard.frames = 0;
    heard.hasMessage = false;
  }
}
