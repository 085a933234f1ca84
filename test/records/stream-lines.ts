/** The events of the accounts' streams as values and as text. */

import { OrderState } from "../../src/protocol/order-state.ts";
import type { AccountStreams } from "../../src/records/account-streams.ts";
import { type FillFields, StreamKind } from "../../src/records/stream-event.ts";

/** All that can be read of the event at `at`. */
export function streamEvent(streams: AccountStreams, at: number) {
  const [tick, timestamp] = [streams.tick, streams.timestamp];
  const holding = { available: streams.available(at), reserved: streams.reserved(at) };
  switch (streams.kind(at)) {
    case StreamKind.ORDER: {
      const order = new OrderState();
      const fill: FillFields = { price: 0, quantity: 0, tradeId: 0, liquidity: 0, fee: 0 };
      const hasFill = streams.readOrder(order, fill, at);
      return {
        kind: "order" as const,
        tick,
        timestamp,
        order: { ...order },
        fill: hasFill ? fill : null,
      };
    }
    case StreamKind.BALANCE:
      return { kind: "balance" as const, tick, timestamp, ...holding };
    case StreamKind.POSITION:
      return { kind: "position" as const, tick, timestamp, symbol: streams.symbol(at), ...holding };
    default:
      throw new Error(`there is no event of kind ${streams.kind(at)}`);
  }
}

/** More accounts than any test opens. */
const ACCOUNTS_END = 200;

/** By streams: the last event of each account that was read. */
const taken = new WeakMap<AccountStreams, Map<number, number>>();

/** Calls `onEvent` for each event that came since the last call, account by account. */
export function takeNewEvents(
  streams: AccountStreams,
  onEvent: (account: number, seq: number, at: number) => void,
): void {
  const told = taken.get(streams) ?? new Map<number, number>();
  taken.set(streams, told);
  for (let account = 0; account < ACCOUNTS_END; account++) {
    const last = streams.lastSeq(account);
    const from = Math.max((told.get(account) ?? 0) + 1, streams.oldestSeq(account));
    told.set(account, last);
    if (from > last) continue;
    streams.replay(account, from, (seq, at) => {
      onEvent(account, seq, at);
      return true;
    });
  }
}

/** Skips everything so far: only later events count as new. */
export function forgetNewEvents(streams: AccountStreams): void {
  const told = new Map<number, number>();
  for (let account = 0; account < ACCOUNTS_END; account++) {
    told.set(account, streams.lastSeq(account));
  }
  taken.set(streams, told);
}

/** The new events as text. */
export function newLines(streams: AccountStreams): string[] {
  const lines: string[] = [];
  takeNewEvents(streams, (account, seq, at) => {
    lines.push(`${account}#${seq} ${JSON.stringify(streamEvent(streams, at))}`);
  });
  return lines;
}

/** An account's events from `seq` on, in the same form. */
export function linesFrom(
  streams: AccountStreams,
  account: number,
  seq = streams.oldestSeq(account),
): string[] {
  const lines: string[] = [];
  streams.replay(account, seq, (number, at) => {
    lines.push(`${account}#${number} ${JSON.stringify(streamEvent(streams, at))}`);
    return true;
  });
  return lines;
}
