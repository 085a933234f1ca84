/** `heartbeat`: a sign of life every second, by which a quiet market differs from a dead line. */
import type { Encoding } from "../../protocol/encoding.ts";
import { heartbeatPush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import type { MarketClock } from "../market-clock.ts";
import { EVERY, type Frame, type Publish, Topics } from "../topics.ts";
import type { MarketChannel } from "./channel.ts";

const HEARTBEAT_MS = 1000;

export class HeartbeatChannel implements MarketChannel {
  readonly #topics: Topics;
  readonly #clock: MarketClock;
  readonly #writer = new MessagePackWriter();
  /** When the next heartbeat is due, milliseconds of the monotonic clock. */
  #due = Number.NEGATIVE_INFINITY;

  constructor(clock: MarketClock, publish: Publish) {
    this.#topics = new Topics(publish, "heartbeat", 0);
    this.#clock = clock;
  }

  topics(): Topics {
    return this.#topics;
  }

  onTick(): void {
    // Heartbeats come by the clock, not by ticks.
  }

  current(): void {
    // There is no state to send: the next heartbeat is less than a second away.
  }

  onBeat(): void {
    const now = this.#clock.monotonic();
    if (this.#topics.isSilent || now < this.#due) return;
    // The next beat is a second after the last one was due; after a pause, a second from now.
    const isInStep = now - this.#due < HEARTBEAT_MS;
    this.#due = (isInStep ? this.#due : now) + HEARTBEAT_MS;
    this.#topics.publish(EVERY, this.#encode);
  }

  readonly #encode = (encoding: Encoding): Frame => {
    const { tick, sequence } = this.#clock;
    const timestamp = this.#clock.now();
    return heartbeatPush.encode(encoding, this.#writer, timestamp, tick, sequence);
  };
}
