/** Audit entries for people: a line for the command, and one for each thing that happened with it. */

import type { AuditError, AuditEvent, AuditOrder } from "../../protocol/schemas/audit.ts";
import type { AuditEntry } from "./audit.ts";

const WIDTHS = { time: 24, sequence: 10, actor: 10 } as const;
const INDENT = " ".repeat(WIDTHS.time + WIDTHS.sequence + WIDTHS.actor + 3);

/** Members that are shown without their name, because their values say what they are. */
const PLAIN = new Set(["account", "symbol", "side", "type", "time_in_force", "order_id", "text"]);
/**
 * Members that are not shown with the command: they have columns of their own, stand in the lines below, or
 * repeat the symbol's title.
 */
const APART = new Set([
  ...["sequence", "tick", "timestamp", "kind", "actor", "by"],
  ...["ticker", "player_name"],
  ...["result", "error", "events"],
]);

/** The heading of the columns. */
export const AUDIT_HEAD = row("time", "sequence", "who", "what");

export function auditLines(entry: AuditEntry): string[] {
  const { timestamp, sequence, actor, by = actor, events } = entry;
  const first = row(new Date(timestamp).toISOString(), sequence, by, commandText(entry));
  return [first, ...[replyText(entry), ...events.map(eventText)].map((line) => INDENT + line)];
}

function row(time: string, sequence: number | string, actor: string, what: string): string {
  return [
    time.padEnd(WIDTHS.time),
    String(sequence).padStart(WIDTHS.sequence),
    actor.padEnd(WIDTHS.actor),
    what,
  ].join(" ");
}

function commandText(entry: AuditEntry): string {
  const words = [entry.kind];
  for (const [name, value] of Object.entries(entry)) {
    if (APART.has(name)) continue;
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    words.push(PLAIN.has(name) ? text : `${name} ${text}`);
  }
  return words.join(" ");
}

function replyText({ result, error }: AuditEntry): string {
  if (error !== undefined) return errorText(error);
  if (result?.order !== undefined) return orderText(result.order);
  const totals = Object.entries(result ?? {}).map(([name, value]) => `: ${name} ${value}`);
  return `done${totals.join("")}`;
}

function errorText({ code, name, field, limit, ...others }: AuditError): string {
  const named = Object.entries(others).map(([detail, value]) => `${detail} ${value}`);
  const what = [field ?? limit ?? [], named].flat();
  return `refused: ${code} ${name}${what.length === 0 ? "" : ` (${what.join(", ")})`}`;
}

function eventText({ order, trade, symbol }: AuditEvent): string {
  if (trade !== undefined) {
    const { trade_id, price, quantity, taker, maker } = trade;
    const sides = `taker ${taker.order_id} of ${taker.account}, maker ${maker.order_id} of ${maker.account}`;
    return `trade ${trade_id}: ${quantity} at ${price}, ${sides}`;
  }
  if (symbol !== undefined) return `${symbol.symbol} is ${symbol.state}`;
  return order === undefined ? "" : orderText(order);
}

function orderText(order: AuditOrder): string {
  const { order_id, account, status, reason, filled_quantity, quantity, duplicate } = order;
  const repeat = duplicate === true ? ", placed before" : "";
  if (status === undefined) return `${order_id} of ${account}${repeat}`;
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${order_id} of ${account} ${status}${why}, ${filled_quantity} of ${quantity} filled${repeat}`;
}
