/** Notices to everybody who is connected, whatever they subscribed to. */
import type { Core } from "../core/core.ts";
import type { Publish } from "../market-data/topics.ts";
import { pushBytes, pushText } from "../protocol/envelope.ts";
import type { PushData } from "../protocol/schemas.ts";
import { noticeTopic } from "./server.ts";

export class Notices {
  readonly #core: Core;
  readonly #publish: Publish;
  readonly #now: () => number;

  constructor(core: Core, publish: Publish, now: () => number) {
    this.#core = core;
    this.#publish = publish;
    this.#now = now;
  }

  shutdown(): void {
    const data: PushData<"status"> = {
      event: "shutdown",
      message: "The exchange is shutting down",
      timestamp: this.#now(),
      tick: this.#core.tick(),
    };
    this.#publish(noticeTopic("json"), pushText("status", data));
    this.#publish(noticeTopic("msgpack"), pushBytes("status", data));
  }
}
