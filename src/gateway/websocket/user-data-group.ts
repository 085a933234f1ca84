/**
 * Listeners of an account that get events together. They have a topic for each encoding, so that an event is encoded once for
 * all of them. An account with many listeners has many groups, and each has a turn of its own.
 */
import type { Frame, Publish } from "../../market-data/topics.ts";
import { ENCODINGS, type Encoding } from "../../protocol/encoding.ts";

/** The most listeners of a group. Sending them a few events takes a tenth of a millisecond. */
const GROUP_MAX = 32;

export class UserDataGroup<Listener> {
  readonly listeners = new Set<Listener>();
  /** Whether the group waits for its turn. */
  isDue = false;
  readonly #topics: readonly { encoding: Encoding; name: string; listeners: number }[];

  /** `name`: no other topics begin with it and a slash. `told`: number of the last event that the group was sent. */
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

  /** Adds a listener. Returns the name of the topic to which its socket is to subscribe. */
  join(listener: Listener, encoding: Encoding): string {
    this.listeners.add(listener);
    return this.#count(encoding, 1);
  }

  /** Removes a listener. Returns the name of the topic that its socket is to leave. */
  leave(listener: Listener, encoding: Encoding): string {
    this.listeners.delete(listener);
    return this.#count(encoding, -1);
  }

  /** Publishes an event, which is encoded once for each encoding that has listeners. */
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
