/** Which commands an audit is about, and which of their events. */

import {
  C_ACCOUNT,
  C_ACTOR,
  C_HEAD,
  C_SYMBOL,
  COMMAND_INTS,
  CommandKind,
} from "../../core/command.ts";
import type { Core } from "../../core/create.ts";
import { EventKind, type Events } from "../../core/event.ts";
import { userId } from "../../identity/user.ts";
import { type CommandRecords, commandText } from "../../router/command-json.ts";
import { readOperatorName } from "../../router/operator-name.ts";
import { isDoneRepeat } from "./outcome.ts";

/** An entry must fit all members that are given. */
export interface AuditFilter {
  /** The account's commands, what other commands did to it, and notes about its user. */
  account?: number | undefined;
  /** The user's commands, and notes about the user. */
  user?: number | undefined;
  /** Commands of the operator whose token has this name. */
  by?: string | undefined;
  /** Commands that name the symbol or set rules for every symbol, and what other commands did to it. */
  symbol?: number | undefined;
}

/** Whether record `index`, whose events lie from `first` up to `end`, fits the filter. */
export function isWanted(
  filter: AuditFilter,
  core: Core,
  records: CommandRecords,
  index: number,
  first: number,
  end: number,
): boolean {
  const { events, view } = core;
  const C = records.ints;
  const c = index * COMMAND_INTS;
  const { account, user, symbol, by } = filter;
  const kind = C[c + C_HEAD] & 255;
  const isNoteOf = (number: number): boolean =>
    kind === CommandKind.NOTE && commandText(records, index).split(" ").includes(userId(number));
  if (by !== undefined && readOperatorName(C, c) !== by) return false;
  if (user !== undefined && C[c + C_ACTOR] !== user && !isNoteOf(user)) return false;
  if (
    account !== undefined &&
    C[c + C_ACCOUNT] !== account &&
    !isNoteOf(view.userOf(account)) &&
    !someEvent(events, first, end, (e) => namesAccount(events, e, account))
  ) {
    return false;
  }
  return (
    symbol === undefined ||
    C[c + C_SYMBOL] === symbol ||
    (C[c + C_SYMBOL] < 0 && isRule(kind)) ||
    someEvent(events, first, end, (e) => namesSymbol(events, e, symbol))
  );
}

/**
 * Whether the event at `e`, which is not the reply, belongs into an audit of `account`: it names the account,
 * or it is a symbol's.
 */
export function concerns(account: number, events: Events, e: number): boolean {
  return events.kind(e) === EventKind.SYMBOL || namesAccount(events, e, account);
}

function someEvent(
  events: Events,
  first: number,
  end: number,
  holds: (e: number) => boolean,
): boolean {
  for (let e = first; e < end; e = events.next(e)) if (holds(e)) return true;
  return false;
}

function namesAccount(events: Events, e: number, account: number): boolean {
  switch (events.kind(e)) {
    case EventKind.ORDER:
      return events.account(events.order(e)) === account;
    case EventKind.TRADE:
      return (
        events.account(events.order(e)) === account || events.account(events.maker(e)) === account
      );
    case EventKind.REJECT:
      return events.rejectAccount(e) === account;
    case EventKind.DONE:
      return events.doneAccount(e) === account;
    default:
      return false;
  }
}

/** Rejects and DONEs are left out: they say no more of a symbol than their command does. */
function namesSymbol(events: Events, e: number, symbol: number): boolean {
  switch (events.kind(e)) {
    case EventKind.ORDER:
      return !isDoneRepeat(events, e) && events.symbol(events.order(e)) === symbol;
    case EventKind.TRADE:
      return events.symbol(events.order(e)) === symbol;
    case EventKind.SYMBOL:
      return events.stateSymbol(e) === symbol;
    default:
      return false;
  }
}

function isRule(kind: number): boolean {
  return kind === CommandKind.SET_SYMBOL_RULES || kind === CommandKind.SET_SYMBOL_PROTECTION;
}
