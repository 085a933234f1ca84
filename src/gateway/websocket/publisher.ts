/**
 * Publishes frames to topics. It is there before Bun's server is, because those who publish come before those who
 * are published to; until the server listens, frames go to nobody.
 */
import type { Server } from "bun";
import type { Frame } from "../../market-data/topics.ts";
import type { Encoding } from "../../protocol/encoding.ts";

/** For shorter frames, compression costs more than it saves. */
export const COMPRESSED_BYTES_MIN = 256;

/** Every connection is subscribed to these, by encoding: notices that concern all. */
export const noticeTopic = (encoding: Encoding): string => `notice/${encoding}`;

export class Publisher implements AsyncDisposable {
  readonly #compresses: boolean;
  #server: Pick<Server<unknown>, "publish"> | null = null;
  #stop: (() => Promise<void>) | null = null;
  /** Frames published since the start, for the metrics. */
  published = 0;

  /** `compresses`: frames that are for everybody, for clients who asked for it. */
  constructor(compresses = false) {
    this.#compresses = compresses;
  }

  /** The server listens. `stop` closes its connections and ends it. */
  open(server: Pick<Server<unknown>, "publish">, stop: () => Promise<void>): void {
    this.#server = server;
    this.#stop = stop;
  }

  /** Ends the server: what was published until now has gone out before the connections close. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server = null;
    await this.#stop?.();
  }

  readonly publish = (topic: string, frame: Frame): void => {
    if (this.#server === null) return;
    this.published++;
    // 0 means that nobody listened, or that a full socket dropped the frame. Full sockets are closed.
    this.#server.publish(topic, frame, false);
  };

  /**
   * `publish` for what everybody may know, compressed. Nothing else is compressed: its compressed length would tell an
   * eavesdropper, who may also add text of his own to it, something about the rest.
   */
  readonly publishPublic = (topic: string, frame: Frame): void => {
    if (this.#server === null) return;
    this.published++;
    const isCompressed = this.#compresses && frame.length >= COMPRESSED_BYTES_MIN;
    this.#server.publish(topic, frame, isCompressed);
  };
}
