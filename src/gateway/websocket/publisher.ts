/**
 * Publishes frames to topics. It is made before Bun's server, because the parts that publish are made before those that
 * listen. Until the server listens, frames go to nobody.
 */
import type { Server } from "bun";
import type { Frame } from "../../market-data/topics.ts";
import type { Encoding } from "../../protocol/encoding.ts";

/** For shorter frames, compression costs more than it saves. */
export const COMPRESSED_BYTES_MIN = 256;

/** The topic of notices that concern everybody, for one encoding. Every connection is subscribed to it. */
export const noticeTopic = (encoding: Encoding): string => `notice/${encoding}`;

export class Publisher implements AsyncDisposable {
  readonly #compresses: boolean;
  #server: Pick<Server<unknown>, "publish"> | null = null;
  #stop: (() => Promise<void>) | null = null;
  /** Frames published since the start, for the metrics. */
  published = 0;

  /** `compresses`: frames for everybody are compressed for clients that asked for it. */
  constructor(compresses = false) {
    this.#compresses = compresses;
  }

  /** Called when the server listens. `stop` closes its connections and stops it. */
  open(server: Pick<Server<unknown>, "publish">, stop: () => Promise<void>): void {
    this.#server = server;
    this.#stop = stop;
  }

  /** Stops the server. Frames that were published before are sent before the connections close. */
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
   * As `publish`, for frames that everybody may know: they are compressed. Nothing else is, because its compressed length
   * would tell something about it to an eavesdropper who can also add text to it.
   */
  readonly publishPublic = (topic: string, frame: Frame): void => {
    if (this.#server === null) return;
    this.published++;
    const isCompressed = this.#compresses && frame.length >= COMPRESSED_BYTES_MIN;
    this.#server.publish(topic, frame, isCompressed);
  };
}
