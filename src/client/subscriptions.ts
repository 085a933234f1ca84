import type { Channel, SubscribeParams } from "../protocol/schemas/market-data.ts";

/** What a client is subscribed to, so that it can ask for it again on a new connection. */
export class Subscriptions {
  readonly #symbolsByChannel = new Map<Channel, Set<string>>();

  add({ channels, symbols = [] }: SubscribeParams): void {
    for (const channel of channels) {
      const known = this.#symbolsByChannel.get(channel) ?? new Set();
      this.#symbolsByChannel.set(channel, known);
      for (const symbol of symbols) known.add(symbol);
    }
  }

  /** `*` among the symbols ends all of a channel. */
  remove({ channels, symbols = [] }: SubscribeParams): void {
    for (const channel of channels) {
      const known = this.#symbolsByChannel.get(channel);
      if (known === undefined) continue;
      if (symbols.includes("*")) known.clear();
      for (const symbol of symbols) known.delete(symbol);
      if (known.size === 0) this.#symbolsByChannel.delete(channel);
    }
  }

  /** The requests that bring all of it back, one a channel. */
  requests(): SubscribeParams[] {
    return Array.from(this.#symbolsByChannel, ([channel, symbols]) => ({
      channels: [channel],
      ...(symbols.size > 0 && { symbols: [...symbols] }),
    }));
  }
}
