/** Which commands an audit is about, and which of their events. */

import {
  C_ACCOUNT,
  C_ACTOR,
  C_HEAD,
  C_SYMBOL,
  COMMAND_INTS,
  CommandKind,
} from "../../core/command.ts";
import type { Core } from "../../core/core.ts";
import {
  E_ACCOUNT,
  E_BOOK,
  E_HEAD,
  E_MAKER_ACCOUNT,
  EventFlag,
  EventKind,
  eventInts,
} from "../../core/event.ts";
import { userId } from "../../identity/user.ts";
import { type CommandRecords, commandText } from "../../router/command-json.ts";

/** What is given has to hold, all of it. */
export interface AuditFilter {
  /** Its commands, what happened to it by others' commands, and notes about its user. */
  account?: number | undefined;
  /** What the user asked for, and notes about the user. */
  user?: number | undefined;
  /** Commands that name it or set rules for every symbol, and what happened to it by others. */
  symbol?: number | undefined;
}

/** Whether record `index`, whose events lie from word `first` up to `end`, is asked for. */
export function isWanted(
  filter: AuditFilter,
  core: Core,
  records: CommandRecords,
  index: number,
  first: number,
  end: number,
): boolean {
  const C = records.ints;
  const c = index * COMMAND_INTS;
  const { account, user, symbol } = filter;
  const kind = C[c + C_HEAD] & 255;
  const isNoteOf = (number: number): boolean =>
    kind === CommandKind.NOTE && commandText(records, index).split(" ").includes(userId(number));
  if (user !== undefined && C[c + C_ACTOR] !== user && !isNoteOf(user)) return false;
  if (
    account !== undefined &&
    C[c + C_ACCOUNT] !== account &&
    !isNoteOf(core.accounts.userOf(account)) &&
    !someEvent(core, first, end, (e) => namesAccount(core, e, account))
  ) {
    return false;
  }
  return (
    symbol === undefined ||
    C[c + C_SYMBOL] === symbol ||
    (C[c + C_SYMBOL] < 0 && isRule(kind)) ||
    someEvent(core, first, end, (e) => namesSymbol(core, e, symbol))
  );
}

/** Whether the event at word `e`, not the reply, is for an audit of `account`: its own, or nobody's. */
export function concerns(account: number, core: Core, e: number): boolean {
  const kind = core.events.ints[e + E_HEAD] & 255;
  return kind === EventKind.SYMBOL || namesAccount(core, e, account);
}

function someEvent(core: Core, first: number, end: number, holds: (e: number) => boolean): boolean {
  const E = core.events.ints;
  for (let e = first; e < end; e += eventInts(E[e])) if (holds(e)) return true;
  return false;
}

function namesAccount({ events }: Core, e: number, account: number): boolean {
  const E = events.ints;
  if (E[e + E_ACCOUNT] === account) return (E[e + E_HEAD] & 255) !== EventKind.SYMBOL;
  return (E[e + E_HEAD] & 255) === EventKind.TRADE && E[e + E_MAKER_ACCOUNT] === account;
}

/** Rejects and DONEs are left out: they say no more of a symbol than their command does. */
function namesSymbol({ events }: Core, e: number, symbol: number): boolean {
  const E = events.ints;
  const kind = E[e + E_HEAD] & 255;
  if (kind === EventKind.REJECT || kind === EventKind.DONE) return false;
  const flags = (E[e + E_HEAD] >> 8) & 255;
  // Of a repeat of an order that is done, the event has the number only.
  if ((flags & (EventFlag.DUPLICATE | EventFlag.OPEN)) === EventFlag.DUPLICATE) return false;
  return E[e + E_BOOK] >> 1 === symbol;
}

function isRule(kind: number): boolean {
  return kind === CommandKind.SET_SYMBOL_RULES || kind === CommandKind.SET_SYMBOL_PROTECTION;
}
