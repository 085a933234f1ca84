/** `auth.login`, and the methods that need none. */
import { ErrorCode } from "../../protocol/errors.ts";
import type { Params } from "../../protocol/schemas.ts";
import { LOGIN_FAILURES_PER_CONNECTION_MAX } from "../admission.ts";
import { failure, type Handler } from "../gateway.ts";

const RETRY_LOGIN_MS = 60_000;

export const login: Handler = (gateway, session, request) => {
  const { api_key, api_secret, cancel_on_disconnect } = request.params as Params<"auth.login">;
  const now = gateway.now();
  if (session.loginFailures >= LOGIN_FAILURES_PER_CONNECTION_MAX) {
    return failure(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: RETRY_LOGIN_MS });
  }
  const wait = gateway.admission.loginWait(session.address, now);
  if (wait > 0) return failure(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: wait });

  const attempt = gateway.identity.verifyLogin(api_key, api_secret, now);
  if (!attempt.ok) {
    session.loginFailures++;
    gateway.admission.loginFailed(session.address, now);
    return failure(attempt.code);
  }
  const { user, key } = attempt;
  gateway.userStream.leave(session);
  session.limits = gateway.limits.of(user, now);
  session.login = {
    user,
    key,
    account: user.accounts[0],
    mayTrade: key.permissions.includes("trade"),
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
