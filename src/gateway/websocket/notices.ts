/** Notices to everybody who is connected, whatever they subscribed to. */
import type { CoreView } from "../../core/view.ts";
import type { Publish } from "../../market-data/topics.ts";
import { ENCODINGS } from "../../protocol/encoding.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import type { PushData } from "../../protocol/schemas.ts";
import type { WindowNotice } from "../../trading/maintenance-gate.ts";
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
    this.#tell({ event: "shutdown", message: "The exchange is shutting down" });
  }

  /** A window was scheduled or cancelled, is near, or has come to another phase. */
  maintenance(window: WindowNotice): void {
    this.#tell({ event: "maintenance", ...window });
  }

  #tell(told: Omit<PushData<"status">, "timestamp" | "tick">): void {
    const data = { ...told, timestamp: this.#now(), tick: this.#view.tick() };
    for (const encoding of ENCODINGS) {
      this.#publish(noticeTopic(encoding), pushFrame(encoding, "status", data));
    }
  }
}
