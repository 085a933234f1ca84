/** Sends notices to all connections, whatever they have subscribed to. */
import type { CoreView } from "../../core/view.ts";
import type { WallClock } from "../../lib/clocks.ts";
import { ENCODINGS } from "../../protocol/encoding.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import type { PushData } from "../../protocol/schemas.ts";
import { exchangeTime } from "../../router/sequencer.ts";
import type { WindowNotice } from "../../trading/maintenance-gate.ts";
import { noticeTopic, type Publisher } from "./publisher.ts";

interface NoticesClock extends WallClock {
  view: CoreView;
}

export class Notices {
  readonly #clock: NoticesClock;
  readonly #publish: Publisher["publish"];

  constructor(clock: NoticesClock, publish: Publisher["publish"]) {
    this.#clock = clock;
    this.#publish = publish;
  }

  shutdown(): void {
    this.#tell({ event: "shutdown", message: "The exchange is shutting down" });
  }

  /** Tells that a window was scheduled or cancelled, is near, or has reached another phase. */
  maintenance(window: WindowNotice): void {
    this.#tell({ event: "maintenance", ...window });
  }

  #tell(notice: Omit<PushData<"status">, "timestamp" | "tick">): void {
    const data = { ...notice, timestamp: exchangeTime(this.#clock), tick: this.#clock.view.tick() };
    for (const encoding of ENCODINGS) {
      this.#publish(noticeTopic(encoding), pushFrame(encoding, "status", data));
    }
  }
}
