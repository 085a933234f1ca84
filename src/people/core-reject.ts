import { CapacityLimit, InvalidField, Reject } from "../core/reject.ts";
import { HttpError } from "../gateway/http/responses.ts";
import { errorBody } from "../protocol/errors.ts";
import { type Issue, issueDetails } from "../protocol/issue.ts";
import type { ControlCommand, ControlPort, ControlReply } from "../router/control.ts";

/** Submits a command. Throws `HttpError` when the core refuses it; `field` is the part of the request behind it. */
export async function submitted(
  control: ControlPort,
  command: ControlCommand,
  field: string,
): Promise<ControlReply> {
  const reply = await control.submit(command);
  if (reply.code !== 0) throw coreRejected(reply, field);
  return reply;
}

/** The error for a command that the core refused; `field` is the part of the request behind it. */
function coreRejected(reply: ControlReply, field: string): HttpError {
  return new HttpError(errorBody(reply.code, rejectDetails(reply, [rejectIssue(reply, field)])));
}

/** The details of the error for `reply`, the first refusal of a request with these `issues`. */
export function rejectDetails(
  { code, because: [needed, available] }: Pick<ControlReply, "code" | "because">,
  issues: readonly Issue[],
): Record<string, unknown> {
  const details = issueDetails(issues);
  const lacks = code === Reject.INSUFFICIENT_FUNDS || code === Reject.INSUFFICIENT_SHARES;
  return lacks ? { ...details, needed, available } : details;
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
