/**
 * Text frames of one connection that go out together. They are written as bytes one behind the other and made a
 * string in one go, of which each frame is a part: a string for each frame costs two to four times as much, for it
 * needs memory of its own, which is cold.
 */
import { JsonWriter } from "../../protocol/json-writer.ts";
import type { Session } from "./session.ts";

/** At so many bytes a burst is sent and the next begins: it stays in the processor's cache. */
const BURST_BYTES = 32_768;
/** No frame is shorter than 16 bytes. */
const FRAMES_MAX = BURST_BYTES / 16;

export class TextBurst {
  /** Takes the next frame; `endFrame` ends it. */
  readonly writer = new JsonWriter();
  readonly #ends = new Int32Array(FRAMES_MAX);
  #frames = 0;

  /** Forgets what has not been sent: it was for another connection, whose answers ended in an error. */
  begin(): void {
    this.#frames = 0;
    this.writer.reset();
  }

  /** What was written since the last frame is one. Sends when the burst is full. */
  endFrame(session: Session): void {
    const { length } = this.writer;
    this.#ends[this.#frames++] = length;
    if (length >= BURST_BYTES || this.#frames === FRAMES_MAX) this.send(session);
  }

  /** Sends all frames, and begins the next burst. */
  send(session: Session): void {
    const count = this.#frames;
    if (count === 0) return;
    const { writer } = this;
    const ends = this.#ends;
    const text = writer.text();
    // Beyond ASCII, places in the text are not those of the bytes.
    const isAscii = text.length === writer.length;
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i];
      session.sendText(isAscii ? text.slice(start, end) : writer.textOf(start, end));
      start = end;
    }
    this.begin();
  }
}
