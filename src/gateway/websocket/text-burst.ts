/**
 * Text frames of one connection that are sent together. They are written as bytes one behind the other, at most 32 KiB so
 * that they stay in the processor's cache. Then all become one string, of which each frame is a part. Making a string for
 * each frame takes two to four times as long, because its memory is in no cache.
 */
import { BINARY_START, bytes, TEXT_BYTES } from "../../protocol/flat-writer.ts";
import { JsonWriter } from "../../protocol/json-writer.ts";
import type { OrderState } from "../../protocol/order-state.ts";
import { putUsualJson } from "../../protocol/usual-reply-json.ts";
import type { Session } from "./session.ts";

/** No frame is shorter than 16 bytes. */
const FRAMES_MAX = TEXT_BYTES / 16;

const utf8 = new TextDecoder();

export class TextBurst {
  /** Write the next frame with this; `endFrame` ends it. */
  readonly writer = new JsonWriter();
  readonly #ends = new Int32Array(FRAMES_MAX);
  #frames = 0;
  #length = 0;

  /** Drops frames that were not sent. They were for another connection, and an error ended its answers. */
  begin(): void {
    this.#frames = 0;
    this.#length = 0;
    this.writer.reset();
  }

  /** Adds the usual answer (`usual-reply.ts`). Returns false, and adds nothing, when it is not the usual one. */
  addUsual(
    session: Session,
    ids: Uint8Array,
    idStart: number,
    idLength: number,
    state: OrderState,
  ): boolean {
    const end = putUsualJson(this.#length, ids, idStart, idLength, state);
    if (end < 0) return false;
    this.#end(session, end);
    return true;
  }

  /** Adds the bytes of `writer` as a frame. Sends all frames when the burst is full. */
  endFrame(session: Session): void {
    const { writer } = this;
    const { length } = writer;
    if (this.#length + length > BINARY_START) this.send(session);
    if (length > BINARY_START) {
      session.sendText(writer.text());
    } else {
      bytes.set(writer.view(), this.#length);
      this.#end(session, this.#length + length);
    }
    writer.reset();
  }

  #end(session: Session, length: number): void {
    this.#length = length;
    this.#ends[this.#frames++] = length;
    if (length >= TEXT_BYTES || this.#frames === FRAMES_MAX) this.send(session);
  }

  /** Sends all frames, and begins the next burst. */
  send(session: Session): void {
    const count = this.#frames;
    const length = this.#length;
    this.#frames = 0;
    this.#length = 0;
    if (count === 0) return;
    const ends = this.#ends;
    const text = utf8.decode(bytes.subarray(0, length));
    // When the text is not all ASCII, a character's index is not that of its bytes.
    const isAscii = text.length === length;
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i];
      const frame = isAscii ? text.slice(start, end) : utf8.decode(bytes.subarray(start, end));
      session.sendText(frame);
      start = end;
    }
  }
}
