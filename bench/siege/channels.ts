/** Channels that every symbol has. Older servers do not serve the last ones. */
export const CHANNELS = ["book", "trades", "bbo", "status", "depth", "ticker"] as const;

/** Four of every one of 512 symbols: 2,048 subscriptions. */
export const CROWD_CHANNELS = CHANNELS.slice(0, 4);
