/**
 * Shards of connections: the first 512 connections are shard 0, the next 512 shard 1, and so on. Frames to very many
 * subscribers go out shard by shard (`fan-out.ts`), so that no turn of the event loop sends to more than
 * SHARD_CONNECTIONS sockets. A socket subscribes to its shard's part of a topic, which has a name of its own in Bun's
 * publish/subscribe.
 */

/** Connections of a shard at most. To send to so many sockets takes some milliseconds. */
export const SHARD_CONNECTIONS = 512;

/** The name of a shard's part of a topic. Most exchanges have one shard, whose part has the topic's name. */
export function shardTopic(topic: string, shard: number): string {
  return shard === 0 ? topic : `${topic}#${shard}`;
}

export class Shards {
  /** By shard: how many connections it has. The last one is never empty. */
  readonly #connections: number[] = [];

  /** The number of shards, at least one. An empty shard between others counts. */
  get count(): number {
    return Math.max(1, this.#connections.length);
  }

  /** The shard of a new connection: the first one that has room. */
  enter(): number {
    const found = this.#connections.findIndex((count) => count < SHARD_CONNECTIONS);
    const shard = found < 0 ? this.#connections.push(0) - 1 : found;
    this.#connections[shard]++;
    return shard;
  }

  /** A connection of the shard is closed. */
  leave(shard: number): void {
    this.#connections[shard]--;
    while (this.#connections.at(-1) === 0) this.#connections.pop();
  }
}
