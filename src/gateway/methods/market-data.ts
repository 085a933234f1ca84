/** Market data: subscriptions and queries. */
import { S_INCREMENT, SYMBOL_INTS } from "../../core/symbols.ts";
import { isServedChannel, SERVED_CHANNELS, type ServedChannel } from "../../market-data/topics.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { SIDES, symbolName, symbolNumber } from "../../protocol/names.ts";
import type { Params } from "../../protocol/schemas.ts";
import {
  failure,
  type Gateway,
  type Handler,
  invalid,
  type Outcome,
  type Request,
  refuseAhead,
  respond,
  respondDurable,
} from "../gateway.ts";
import type { Session } from "../session.ts";

const EVERY = "*";
const EVERY_SYMBOL = -1;
const SNAPSHOT_LEVELS_DEFAULT = 20;
const TRADES_LIMIT_DEFAULT = 50;

/** A handler that reads durable state. */
function query(read: (gateway: Gateway, session: Session, request: Request) => Outcome): Handler {
  return (gateway, session, request) =>
    respondDurable(gateway, session, request, () => read(gateway, session, request));
}

/** What a subscribe or unsubscribe names, or the error. */
function readTopics(
  gateway: Gateway,
  params: Params<"subscribe">,
): { channels: ServedChannel[]; symbols: number[] } | Outcome {
  const channels: ServedChannel[] = [];
  for (const [i, channel] of params.channels.entries()) {
    if (!isServedChannel(channel)) {
      const issue = `Channel is not served yet; served are ${SERVED_CHANNELS.join(", ")}`;
      return invalid("subscribe", `channels.${i}`, issue);
    }
    if (!channels.includes(channel)) channels.push(channel);
  }
  if (params.symbols.includes(EVERY)) return { channels, symbols: [EVERY_SYMBOL] };
  const symbols = new Set<number>();
  for (const name of params.symbols) {
    const symbol = symbolNumber(name);
    if (!gateway.core.symbols.exists(symbol)) {
      return failure(ErrorCode.UNKNOWN_SYMBOL, { symbol: name });
    }
    symbols.add(symbol);
  }
  return { channels, symbols: [...symbols] };
}

/** The answer first, then the current state of each new topic, then its changes. */
export const subscribe = query((gateway, session, request) => {
  const refusal = refuseAhead(gateway);
  if (refusal !== null) return refusal;
  const topics = readTopics(gateway, request.params as Params<"subscribe">);
  if (topics === null || !("channels" in topics)) return topics;
  const { channels, symbols } = topics;
  const names = channels.flatMap((channel) => symbols.map((one) => topicName(channel, one)));
  respond(gateway, session, request, { result: { subscribed: names } });
  session.cork(() => {
    for (const channel of channels) {
      for (const symbol of symbols) join(gateway, session, channel, symbol);
    }
  });
  return null;
});

export const unsubscribe = query((gateway, session, request) => {
  const topics = readTopics(gateway, request.params as Params<"unsubscribe">);
  if (topics === null || !("channels" in topics)) return topics;
  const ended: string[] = [];
  for (const channel of topics.channels) {
    for (const symbol of topics.symbols) {
      // The whole channel goes with `*`, single symbols included.
      const each = symbol === EVERY_SYMBOL ? symbolsOf(session, channel) : [symbol];
      for (const one of each) {
        if (leave(gateway, session, channel, one)) ended.push(topicName(channel, one));
      }
    }
  }
  return { result: { unsubscribed: ended } };
});

export const subscriptions = query((_gateway, session) => ({
  result: { subscribed: [...session.subscriptions] },
}));

const topicName = (channel: ServedChannel, symbol: number): string =>
  `${channel}.${symbol === EVERY_SYMBOL ? EVERY : symbolName(symbol)}`;

function symbolsOf(session: Session, channel: ServedChannel): number[] {
  return [...session.subscriptions]
    .filter((name) => name.startsWith(`${channel}.`))
    .map((name) => {
      const symbol = name.slice(channel.length + 1);
      return symbol === EVERY ? EVERY_SYMBOL : symbolNumber(symbol);
    });
}

/**
 * Subscribes the session to a topic after telling it the state. `*` takes the place of single symbols of
 * its channel, and none is added beside it, so nothing is ever delivered twice.
 */
function join(gateway: Gateway, session: Session, channel: ServedChannel, symbol: number): void {
  const { feed, players, core } = gateway;
  if (session.subscriptions.has(topicName(channel, EVERY_SYMBOL))) return;
  if (session.subscriptions.has(topicName(channel, symbol))) return;
  const isEvery = symbol === EVERY_SYMBOL;
  for (const one of isEvery ? players.entries().map((player) => player.symbol) : [symbol]) {
    const frame = core.symbols.exists(one) ? feed.current(channel, one, session.encoding) : null;
    if (frame !== null) session.send(frame);
  }
  // A client that does not read may have been closed over all this.
  if (session.socket === null) return;
  if (isEvery) {
    for (const one of symbolsOf(session, channel)) leave(gateway, session, channel, one);
  }
  session.subscriptions.add(topicName(channel, symbol));
  session.socket.subscribe(feed.topics.name(channel, symbol, session.encoding));
  feed.topics.count(channel, symbol, session.encoding, 1);
}

function leave(
  gateway: Gateway,
  session: Session,
  channel: ServedChannel,
  symbol: number,
): boolean {
  if (!session.subscriptions.delete(topicName(channel, symbol))) return false;
  const { topics } = gateway.feed;
  session.socket?.unsubscribe(topics.name(channel, symbol, session.encoding));
  topics.count(channel, symbol, session.encoding, -1);
  return true;
}

/** The connection is gone: nobody is counted any more. */
export function leaveAll(gateway: Gateway, session: Session): void {
  for (const channel of SERVED_CHANNELS) {
    for (const symbol of symbolsOf(session, channel)) leave(gateway, session, channel, symbol);
  }
}

export const listSymbols = query((gateway, _session, request) => {
  const { query: words } = request.params as Params<"symbols.list">;
  const { symbols } = gateway.core;
  const listed = gateway.players.search(words).filter((player) => symbols.exists(player.symbol));
  return {
    result: {
      symbols: listed.map((player) => ({
        symbol: symbolName(player.symbol),
        player_id: player.player_id,
        player_name: player.name,
        team: player.team,
        position: player.position,
        number: player.number,
        status: player.status,
        price_increment: symbols.ints[player.symbol * SYMBOL_INTS + S_INCREMENT],
      })),
    },
  };
});

export const bookSnapshot = query((gateway, _session, request) => {
  const refusal = refuseAhead(gateway);
  if (refusal !== null) return refusal;
  const { symbol: name, levels } = request.params as Params<"book.snapshot">;
  const symbol = symbolNumber(name);
  const { core, feed } = gateway;
  if (!core.symbols.exists(symbol)) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const most = levels ?? SNAPSHOT_LEVELS_DEFAULT;
  return {
    result: {
      symbol: name,
      bids: feed.levels(symbol, 0, most),
      asks: feed.levels(symbol, 1, most),
      last_trade: feed.lastTrade(symbol),
      seq: feed.seq(symbol),
      tick: core.tick(),
    },
  };
});

export const recentTrades = query((gateway, _session, request) => {
  const { symbol: name, limit } = request.params as Params<"trades.recent">;
  const symbol = symbolNumber(name);
  if (!gateway.core.symbols.exists(symbol)) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const trades = gateway.feed.trades.list(symbol, limit ?? TRADES_LIMIT_DEFAULT);
  return {
    result: {
      symbol: name,
      trades: trades.map((trade) => ({ ...trade, taker_side: SIDES[trade.taker_side] })),
    },
  };
});
