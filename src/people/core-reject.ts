import { CapacityLimit, InvalidField, Reject } from "../core/reject.ts";
import { HttpError } from "../gateway/http/responses.ts";
import { errorBody } from "../protocol/errors.ts";
import { type Issue, issueDetails } from "../protocol/issue.ts";
import type { ControlCommand, ControlPort, ControlReply } from "../router/control.ts";

/**
 * Submits a command and resolves with its reply. Rejects with `HttpError` when the core refuses it; `field` is the part of
 * the request that the command comes from. Rejects with `UnavailableError` as `ControlPort.submit` does.
 */
export async function submitted(
  control: ControlPort,
  command: ControlCommand,
  field: string,
): Promise<ControlReply> {
  const reply = await control.submit(command);
  if (reply.code !== 0) throw coreRejected(reply, field);
  return reply;
}

function coreRejected(reply: ControlReply, field: string): HttpError {
  return new HttpError(errorBody(reply.code, rejectDetails(reply, [rejectIssue(reply, field)])));
}

/** Details of an error: `issues` names all refusals of a request, and `code` and `because` are those of the first one. */
export function rejectDetails(
  { code, because: [needed, available] }: Pick<ControlReply, "code" | "because">,
  issues: readonly Issue[],
): Record<string, unknown> {
  const details = issueDetails(issues);
  const lacks = code === Reject.INSUFFICIENT_FUNDS || code === Reject.INSUFFICIENT_SHARES;
  return lacks ? { ...details, needed, available } : details;
}

/** What was wrong with `field`, from the core's code and what it says beside it. */
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

/** The name of `detail` in `table` as words: `CLIENT_IDS` becomes "client ids". */
function nameOf(table: Readonly<Record<string, number>>, detail: number): string {
  const entry = Object.entries(table).find(([, number]) => number === detail);
  return entry === undefined ? `detail ${detail}` : entry[0].toLowerCase().replaceAll("_", " ");
}
