/** `auth.login`, and the methods that need none. */
import { ErrorCode } from "../../protocol/errors.ts";
import type { Params } from "../../protocol/schemas.ts";
import { failure, type Handler } from "../gateway.ts";

export const login: Handler = (gateway, session, request) => {
  const { api_key, api_secret, cancel_on_disconnect } = request.params as Params<"auth.login">;
  const now = gateway.now();
  // A connection that guessed wrong too often is not asked again until it has waited …
  const pause = session.loginFailures.wait(now);
  if (pause > 0) return failure(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: pause });
  const attempt = gateway.identity.verifyLogin(api_key, api_secret, now);
  if (!attempt.ok) {
    // … but nobody is kept out by what others try from the same address: only wrong logins wait.
    session.loginFailures.take(now);
    const wait = gateway.admission.loginFailed(session.address, now);
    if (wait > 0) return failure(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: wait });
    return failure(attempt.code);
  }
  const { user, key } = attempt;
  const mayTrade = key.permissions.includes("trade");
  if (cancel_on_disconnect === true && !mayTrade) {
    return failure(ErrorCode.PERMISSION_MISSING, { permission: "trade" });
  }
  gateway.userStream.leave(session);
  session.limits = gateway.limits.of(user, now);
  session.login = {
    user,
    key,
    account: user.accounts[0],
    mayTrade,
    permissions: key.permissions,
    cancelOnDisconnect: cancel_on_disconnect === true,
  };
  gateway.counters.logins++;
  if (session.endpoint === "user-data") gateway.userStream.join(session);
  return {
    result: {
      authenticated: true,
      user_id: `usr_${user.number}`,
      permissions: key.permissions,
      rate_limits: session.limits.limits,
    },
  };
};

export const time: Handler = (gateway) => ({ result: { timestamp: gateway.now() } });
