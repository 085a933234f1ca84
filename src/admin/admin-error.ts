import { ERRORS, ErrorCode, httpStatus, isErrorCode } from "../protocol/errors.ts";
import type { Issue } from "../protocol/issue.ts";

export interface AdminErrorDetails {
  /** The first fault. */
  field?: string;
  issue?: string;
  /** Every fault, where there are several. */
  issues?: readonly Issue[];
  /** Parts of a refused deposit that could not be taken back, and stand. */
  kept?: readonly string[];
  retry_after_ms?: number;
}

/** A refused admin request, as the client is told of it. */
export class AdminError extends Error {
  override readonly name = "AdminError";

  constructor(
    /** The wire's code. */
    readonly code: number,
    readonly details?: AdminErrorDetails,
    message: string = messageOf(code),
    /** The HTTP status. */
    readonly status: number = httpStatus(code),
  ) {
    super(message);
  }
}

/** Faults in what the client asked for; `issues` has at least one. */
export function invalidParameters(issues: readonly Issue[], status?: number): AdminError {
  const details = detailsOf(issues);
  return new AdminError(ErrorCode.INVALID_PARAMETER, details, "Invalid parameters", status);
}

/** The first fault by name, and all of them when there are several. */
export function detailsOf(issues: readonly Issue[]): AdminErrorDetails {
  return issues.length > 1 ? { ...issues[0], issues } : { ...issues[0] };
}

function messageOf(code: number): string {
  if (!isErrorCode(code)) throw new RangeError(`no error has the code ${code}`);
  return ERRORS[code].message;
}
