/**
 * Estimates how many bytes of unfinished messages Bun keeps. Bun keeps a message until it is complete. So these are the bytes
 * that the system has received on a connection, less those of the messages that Bun has handed over. The estimate is rather
 * too low. Each look updates it for a share of the connections. If frames are longer on the wire than assumed here, the
 * difference counts until the next message comes.
 */
import type { Session } from "./session.ts";

/** Bytes before the first frame: the request, and those of TLS. */
const HEAD_BYTES_MAX = 16 * 1024;
/**
 * The head of a client's short frame, with the bytes that TLS adds. It is rather too much, so that the estimate is never too
 * high.
 */
const FRAME_HEAD_BYTES = 40;
/** Bytes that every frame has paid for, however short it was. */
const PAID_BYTES = 4096;

/** Called with bytes that came on a connection with compression and were in no message that was received. */
export type WasteSink = (session: Session, bytes: number) => void;

export class HalfRead {
  readonly #messageBytesMax: number;
  readonly #onWaste: WasteSink;
  readonly #sessions = new Map<string, Session>();

  /** `messageBytesMax`: of one message, Bun keeps no more bytes than this. */
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
   * Updates `Session.halfRead` of the connection to `peer`, on which `received` bytes have come since it began. `descriptor`
   * is its descriptor. Returns false when no WebSocket has this peer.
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
 * Bytes that unpacked to next to nothing. The message that was incomplete at the last look has come by now, as the first one
 * since. Those of its bytes that are in no message since then (each of which has paid for `PAID_BYTES` more) unpacked to
 * nothing.
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
