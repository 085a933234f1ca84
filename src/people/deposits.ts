/**
 * Deposits and withdrawals of several kinds at once. Each is a command of its own. All are submitted together, so that one
 * tick has them. When one is refused, the others are reversed.
 */

import { CommandKind } from "../core/command.ts";
import { HttpError } from "../gateway/http/responses.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { type Issue, issueDetails } from "../protocol/issue.ts";
import type { DepositBody } from "../protocol/schemas/users.ts";
import {
  type ControlCommand,
  type ControlPort,
  type ControlReply,
  UnavailableError,
} from "../router/control.ts";
import { rejectDetails, rejectIssue } from "./core-reject.ts";

export interface SymbolsView {
  /** The number of a symbol, by its name or ticker; -1 when it is unknown or not listed. */
  symbolNumber(name: string): number;
}

/** One command of a deposit. */
export interface DepositPart {
  /** Where the request has it: `cash`, or `positions.` and the symbol as the request names it. */
  field: string;
  command: ControlCommand & { amount: number };
}

/** The outcome of a part: the account's new total, or why the part was refused. */
interface PartResult {
  part: DepositPart;
  total: number;
  refusal: (Pick<ControlReply, "code" | "because"> & { issue: Issue }) | null;
}

/**
 * The commands for `cash` cents and `positions` shares by symbol; none for an amount of 0. Throws `HttpError` 40003 that
 * names every symbol which is unknown or not listed.
 */
export function depositParts(
  view: SymbolsView,
  account: number,
  { cash = 0, positions = {} }: DepositBody,
): DepositPart[] {
  const parts: DepositPart[] = [];
  const unknown: Issue[] = [];
  if (cash !== 0) {
    const command = { kind: CommandKind.DEPOSIT_CASH, account, amount: cash };
    parts.push({ field: "cash", command });
  }
  for (const [name, amount] of Object.entries(positions)) {
    const field = `positions.${name}`;
    const symbol = view.symbolNumber(name);
    if (symbol === -1) unknown.push({ field, issue: "There is no such symbol" });
    if (amount === 0) continue;
    const command = { kind: CommandKind.DEPOSIT_SHARES, account, symbol, amount };
    parts.push({ field, command });
  }
  if (unknown.length > 0) {
    throw new HttpError(errorBody(ErrorCode.UNKNOWN_SYMBOL, issueDetails(unknown)));
  }
  return parts;
}

/**
 * Makes every part and resolves with the new total of each. When one is refused, reverses the others and rejects with
 * `HttpError` with the first refusal's code. `details.kept` then names the parts that could not be reversed, if any, because
 * their owner has used them already or the exchange closes.
 */
export async function applyDeposit(
  control: ControlPort,
  parts: readonly DepositPart[],
): Promise<Map<DepositPart, number>> {
  const outcomes = await Promise.all(parts.map((part) => submitPart(control, part)));
  const refusals = outcomes.flatMap(({ refusal }) => refusal ?? []);
  const [first] = refusals;
  if (first === undefined) {
    return new Map(outcomes.map(({ part, total }) => [part, total]));
  }
  const made = outcomes.filter((outcome) => outcome.refusal === null);
  const undone = await Promise.all(made.map(({ part }) => submitPart(control, reversed(part))));
  const kept = undone.filter((outcome) => outcome.refusal !== null).map(({ part }) => part.field);
  const details = rejectDetails(
    first,
    refusals.map(({ issue }) => issue),
  );
  throw new HttpError(errorBody(first.code, kept.length > 0 ? { ...details, kept } : details));
}

/** The part that undoes this one. */
export function reversed({ field, command }: DepositPart): DepositPart {
  return { field, command: { ...command, amount: -command.amount } };
}

async function submitPart(control: ControlPort, part: DepositPart): Promise<PartResult> {
  try {
    const reply = await control.submit(part.command);
    if (reply.code === 0) return { part, total: reply.amount, refusal: null };
    const { code, because } = reply;
    return { part, total: 0, refusal: { code, because, issue: rejectIssue(reply, part.field) } };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const issue = { field: part.field, issue: error.message };
    return { part, total: 0, refusal: { code: error.code, because: [0, 0], issue } };
  }
}
