/** Notices to everybody who is connected, whatever they subscribed to. */
import type { CoreView } from "../../core/view.ts";
import type { Publish } from "../../market-data/topics.ts";
import { pushBytes, pushText } from "../../protocol/envelope.ts";
import type { PushData } from "../../protocol/schemas.ts";
import { noticeTopic } from "./publisher.ts";

export class Notices {
  readonly #view: CoreView;
  readonly #publish: Publish;
  readonly #now: () => number;

  constructor(view: CoreView, publish: Publish, now: () => number) {
    this.#view = view;
    this.#publish = publish;
    this.#now = now;
  }

  shutdown(): void {
    const data: PushData<"status"> = {
      event: "shutdown",
      message: "The exchange is shutting down",
      timestamp: this.#now(),
      tick: this.#view.tick(),
    };
    this.#publish(noticeTopic("json"), pushText("status", data));
    this.#publish(noticeTopic("msgpack"), pushBytes("status", data));
  }
}
