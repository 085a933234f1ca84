import { CapacityLimit, InvalidField, Reject } from "../core/reject.ts";
import type { Issue } from "../protocol/issue.ts";
import type { ControlReply } from "../router/control.ts";
import { AdminError } from "./admin-error.ts";

/** The error for a command that the core refused; `field` is the part of the request behind it. */
export function coreRejected(reply: ControlReply, field: string): AdminError {
  return new AdminError(reply.code, rejectIssue(reply, field));
}

/** What was wrong with `field`, with what the core names beside its code. */
export function rejectIssue(reply: ControlReply, field: string): Issue {
  return { field, issue: reasonOf(reply) };
}

function reasonOf({ code, detail }: ControlReply): string {
  switch (code) {
    case Reject.INVALID_PARAMETER:
      return `The exchange refused its ${nameOf(InvalidField, detail)}`;
    case Reject.CAPACITY:
      return `The limit of ${nameOf(CapacityLimit, detail)} is reached`;
    case Reject.UNKNOWN_ORDER:
      return "There is no such order, or it is done";
    case Reject.INSUFFICIENT_FUNDS:
    case Reject.INSUFFICIENT_SHARES:
      return "More than is available";
    default:
      return `The exchange refused it with code ${code}`;
  }
}

/** `CLIENT_IDS` as "client ids". */
function nameOf(table: Readonly<Record<string, number>>, detail: number): string {
  const entry = Object.entries(table).find(([, number]) => number === detail);
  return entry === undefined ? `detail ${detail}` : entry[0].toLowerCase().replaceAll("_", " ");
}
