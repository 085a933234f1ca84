/** Channels that every symbol has. Older versions of the server lack the last ones. */
export const CHANNELS = ["book", "trades", "bbo", "status", "depth", "ticker"] as const;

/** Four channels: with all of the 512 symbols they are 2,048 subscriptions. */
export const CROWD_CHANNELS = CHANNELS.slice(0, 4);
