/** Serves `auth.login`. */
import { CancelCause } from "../../core/command.ts";
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import type { Params, Result } from "../../protocol/schemas.ts";
import type { AutomaticCancels } from "../../trading/automatic-cancels.ts";
import type { LoggedIn } from "../../trading/caller.ts";
import { loginResult } from "../../trading/login.ts";
import type { Logins } from "../../trading/logins.ts";
import type { Outcome } from "../../trading/outcome.ts";
import { TokenBucket } from "../../trading/token-bucket.ts";
import type { Session } from "./session.ts";

/** How many wrong logins a connection may make at once, and how many a second. */
const FAILURES_BURST = 10;
const FAILURES_PER_SECOND = 0.2;
/**
 * The weight of each login on a connection after the first, beside that of a snapshot of the account. The first is free, so
 * that a user can log in when his bucket is empty.
 */
const AGAIN_WEIGHT = 50;

/** What a login with the right secret may be refused with. */
const RIGHT_BUT_REFUSED: ReadonlySet<number> = new Set([
  ErrorCode.PERMISSION_MISSING,
  ErrorCode.NOT_YOUR_ACCOUNT,
]);

interface LoginParts {
  logins: Logins;
  cancels: AutomaticCancels;
}

/**
 * Logs the session in when key and secret are right; otherwise its login stays as it was. After too many wrong logins, or too
 * many logins, the session has to wait. `monotonic`: milliseconds of a clock that never goes back.
 */
export function logIn(
  session: Session,
  { logins, cancels }: LoginParts,
  params: Params<"auth.login">,
  monotonic: number,
): Outcome<Result<"auth.login">> {
  const pause = (session.loginFailures?.wait(monotonic) ?? 0) || payAgain(session, monotonic);
  if (pause > 0) {
    return { error: errorBody(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: pause }) };
  }
  const account_id = params.account_id ?? session.account;
  const named = account_id === null ? params : { ...params, account_id };
  const login = logins.logIn(named, session.address);
  if ("code" in login) {
    if (!RIGHT_BUT_REFUSED.has(login.code)) countFailure(session, monotonic);
    return { error: login };
  }
  session.login = login;
  session.caller = login.caller;
  promise(session, login.caller, cancels, params.cancel_on_disconnect === true);
  return { result: loginResult(login) };
}

/**
 * Sets or takes back `cancel_on_disconnect` for the account of this login. For other accounts of the connection it stays as
 * it is.
 */
function promise(
  session: Session,
  { account, user }: LoggedIn,
  cancels: AutomaticCancels,
  isWanted: boolean,
): void {
  const promised = session.cancelsOnDisconnect ?? new Map<number, number>();
  if (isWanted) {
    if (!promised.has(account)) cancels.arm(CancelCause.DISCONNECT, account, user.number);
    session.cancelsOnDisconnect = promised.set(account, user.number);
  } else if (promised.delete(account)) {
    cancels.disarm(CancelCause.DISCONNECT, account);
  }
}

/** How many milliseconds a session that is logged in must wait before it may log in again. If that is 0, charges for it. */
function payAgain({ login, caller }: Session, monotonic: number): number {
  return login === null ? 0 : caller.limits.weights.take(monotonic, AGAIN_WEIGHT);
}

function countFailure(session: Session, monotonic: number): void {
  session.loginFailures ??= new TokenBucket(FAILURES_PER_SECOND, FAILURES_BURST, monotonic);
  session.loginFailures.take(monotonic);
}
