/**
 * Publishes frames to topics. It is there before Bun's server is, because those who publish come before those who
 * are published to; until the server listens, frames go to nobody.
 */
import type { Server } from "bun";
import type { Publish } from "../../market-data/topics.ts";
import type { Encoding } from "../../protocol/encoding.ts";

/** Every connection is subscribed to these, by encoding: notices that concern all. */
export const noticeTopic = (encoding: Encoding): string => `notice/${encoding}`;

export class Publisher implements AsyncDisposable {
  #server: Pick<Server<unknown>, "publish"> | null = null;
  #stop: (() => Promise<void>) | null = null;
  /** Frames published since the start, for the metrics. */
  published = 0;

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

  readonly publish: Publish = (topic, frame) => {
    if (this.#server === null) return;
    this.published++;
    // 0 means that nobody was there or that a full socket dropped it; full sockets are closed.
    this.#server.publish(topic, frame);
  };
}
