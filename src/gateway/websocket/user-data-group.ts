/**
 * Listeners of an account that are told together: they have a topic for each encoding, so that an event is encoded once
 * for all of them. An account with many listeners has many groups, and each is told in a turn of its own.
 */
import type { Frame, Publish } from "../../market-data/topics.ts";
import { ENCODINGS, type Encoding } from "../../protocol/encoding.ts";

/** Listeners of a group: to tell them of a few events takes a tenth of a millisecond. */
const GROUP_MAX = 32;

export class UserDataGroup<Listener> {
  readonly listeners = new Set<Listener>();
  /** It waits for its turn. */
  isDue = false;
  readonly #topics: readonly { encoding: Encoding; name: string; listeners: number }[];

  /** `name`: no other topics begin with it and a slash. `told`: the last event that it was told. */
  constructor(
    readonly account: number,
    name: string,
    public told: number,
  ) {
    this.#topics = ENCODINGS.map((encoding) => {
      return { encoding, name: `${name}/${encoding}`, listeners: 0 };
    });
  }

  get isFull(): boolean {
    return this.listeners.size >= GROUP_MAX;
  }

  /** Gives the name of the topic that the listener's socket is to subscribe to. */
  join(listener: Listener, encoding: Encoding): string {
    this.listeners.add(listener);
    return this.#count(encoding, 1);
  }

  /** Gives the name of the topic that the listener's socket is to leave. */
  leave(listener: Listener, encoding: Encoding): string {
    this.listeners.delete(listener);
    return this.#count(encoding, -1);
  }

  /** Publishes an event, encoded once for each encoding that is heard. */
  publish(publish: Publish, encode: (encoding: Encoding) => Frame): void {
    for (const { encoding, name, listeners } of this.#topics) {
      if (listeners > 0) publish(name, encode(encoding), listeners);
    }
  }

  #count(encoding: Encoding, change: 1 | -1): string {
    const topic = this.#topics[ENCODINGS.indexOf(encoding)];
    topic.listeners += change;
    return topic.name;
  }
}
