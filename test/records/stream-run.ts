/** An exchange that has only the accounts' streams, and the events that they give, as text. */
import { createCore } from "../../src/core/create.ts";
import { AccountStreams, type AccountStreamsOptions } from "../../src/records/account-streams.ts";
import {
  type Command,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
} from "../core/command-builder.ts";
import { FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { TickRun } from "../execution/tick-run.ts";
import { streamEvent, takeNewEvents } from "./stream-lines.ts";

export const MEBIBYTE = 1024 * 1024;
export const core = createCore(FUZZ_SYMBOLS);

/** A new exchange. `tick` applies commands and returns their events as text. */
export function openStreams(options: AccountStreamsOptions = { bytes: MEBIBYTE }) {
  core.reset();
  const streams = new AccountStreams(core.view, options);
  const run = new TickRun(core, [streams]);
  const tick = (...commands: Command[]): string[] => {
    run.tick(commands);
    const lines: string[] = [];
    takeNewEvents(streams, (account, seq, at) => {
      lines.push(`${account}#${seq} ${words(streams, at)}`);
    });
    return lines;
  };
  return { tick, streams, run };
}

function words(streams: AccountStreams, at: number): string {
  const event = streamEvent(streams, at);
  if (event.kind === "balance") return `cash ${event.available} + ${event.reserved}`;
  if (event.kind === "position") {
    return `shares of ${event.symbol} ${event.available} + ${event.reserved}`;
  }
  const { order, fill } = event;
  const role = fill === null ? "order" : ["maker", "taker"][fill.liquidity];
  return `${role}, ${order.quantity - order.filled} left`;
}

/** Two accounts with cash and shares, on two symbols. */
export const SET_UP = [
  listSymbol({ symbol: 0 }),
  listSymbol({ symbol: 1 }),
  openAccount({ account: 1 }),
  openAccount({ account: 2 }),
  depositCash({ account: 1, amount: 1000 }),
  depositShares({ account: 2, amount: 50 }),
];
