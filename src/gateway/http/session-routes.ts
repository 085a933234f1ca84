/** Sessions over HTTP: begun with a key or a password, shown by a token or a cookie, ended. */
import type { Lifecycle } from "../../lib/lifecycle.ts";
import { compileCheck } from "../../protocol/check.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../../protocol/errors.ts";
import { invalidParameters } from "../../protocol/issue.ts";
import { REST_PATH } from "../../protocol/schemas/rest.ts";
import {
  BegunSession,
  EndedSession,
  SessionBody,
  SessionInfo,
} from "../../protocol/schemas/session.ts";
import type { Login } from "../../trading/login.ts";
import type { Logins } from "../../trading/logins.ts";
import { shuttingDown } from "../../trading/outcome.ts";
import type { PasswordLogins } from "../../trading/password-logins.ts";
import type { TokenLogins } from "../../trading/token-logins.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import { refusalRateHeaders, withRateHeaders } from "../rest/rate-headers.ts";
import { Cors } from "./cors.ts";
import type { HttpLogins } from "./http-logins.ts";
import { assertJson, readBody } from "./request-body.ts";
import type { RequestGate } from "./request-gate.ts";
import { HttpError, jsonResponse } from "./responses.ts";
import { type HttpRequest, type HttpServer, route } from "./route.ts";
import type { RouteGroup } from "./routes.ts";
import { noSession, orThrow, SessionAnswers, sessionInfo } from "./session-answers.ts";
import { sessionCookie } from "./session-cookie.ts";

export interface SessionRoutesParts {
  logins: Logins;
  passwordLogins: PasswordLogins;
  tokenLogins: TokenLogins;
  httpLogins: HttpLogins;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
  lifecycle: Lifecycle;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
}

export interface SessionRoutesOptions {
  /** Origins of pages, beside the exchange's own, that may read what is answered. */
  allowedOrigins: readonly string[];
  isTls: boolean;
}

/** Whoever logs in has nothing longer to say. */
const BODY_BYTES_MAX = 4096;
const EITHER =
  "Exactly one of api_key, with api_secret or a signature, and name, with password, is required";

export function sessionRoutes(
  parts: SessionRoutesParts,
  { allowedOrigins, isTls }: SessionRoutesOptions,
): RouteGroup {
  const check = compileCheck(SessionBody);
  const answers = new SessionAnswers(parts, isTls);
  const rated = ({ caller }: Login, answer: () => Response | Promise<Response>) =>
    withRateHeaders(caller, parts.monotonic, answer);
  const end = async (request: Request, { session }: Login): Promise<Response> => {
    if (session === null) {
      const message = "This token is another issuer's: end it there";
      throw new HttpError(errorBody(ErrorCode.PERMISSION_MISSING, undefined, message));
    }
    await parts.tokenLogins.end(session);
    const cookie = sessionCookie("", 0, answers.isSecure(request));
    return jsonResponse({ ended: true }, { headers: { "Set-Cookie": cookie } });
  };
  return {
    weight: 0,
    refusalHeaders: (request, server) => refusalRateHeaders(parts, request, server),
    ...(allowedOrigins.length > 0 && { cors: new Cors(allowedOrigins) }),
    routes: [
      route(
        `POST ${REST_PATH}/session`,
        { reply: BegunSession },
        charged(parts, async (request, address) => {
          assertJson(request);
          const body = await readBody(request, { bytesMax: BODY_BYTES_MAX });
          const issues = check(body) ?? formIssues(body);
          if (issues !== null) throw new HttpError(invalidParameters("", issues));
          const login = orThrow(await verify(parts, body, address));
          return rated(login, () => answers.begin(request, login));
        }),
      ),
      route(
        `GET ${REST_PATH}/session`,
        { reply: SessionInfo },
        charged(parts, async (request, address) => {
          const login = await sessionOf(parts, request, address);
          return rated(login, () => {
            const retry_after_ms = login.caller.limits.weights.take(parts.monotonic());
            if (retry_after_ms === 0) return jsonResponse(sessionInfo(login));
            throw new HttpError(errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms }));
          });
        }),
      ),
      route(
        `DELETE ${REST_PATH}/session`,
        { reply: EndedSession },
        charged(parts, async (request, address) => {
          const login = await sessionOf(parts, request, address);
          return rated(login, () => end(request, login));
        }),
      ),
    ],
  };
}

/** The login by token that a request shows. Throws `HttpError`, 40100 when it shows none. */
async function sessionOf(
  { httpLogins }: SessionRoutesParts,
  request: Request,
  address: string,
): Promise<Login> {
  const login = await httpLogins.loginOf(request, address);
  if (login !== null && login.expiresAt !== null) return login;
  throw noSession();
}

/**
 * A route that costs the sender's address what it refuses, unless a user pays for that himself; what is right is let in
 * whatever others do from there.
 */
export function charged(
  { addresses, gate, lifecycle }: Pick<SessionRoutesParts, "addresses" | "gate" | "lifecycle">,
  answer: (request: HttpRequest, address: string, server: HttpServer) => Promise<Response>,
) {
  return async ({ request, server }: { request: HttpRequest; server: HttpServer }) => {
    try {
      if (!lifecycle.isOpen) throw new HttpError(shuttingDown());
      return await answer(request, addresses.of(request, server), server);
    } catch (refusal) {
      const isOwn = refusal instanceof HttpError && refusal.parts.user !== undefined;
      if (!isOwn) gate.charge(request, server, 1);
      throw refusal;
    }
  };
}

async function verify(
  { logins, passwordLogins }: SessionRoutesParts,
  body: SessionBody,
  address: string,
): Promise<Login | ErrorBody> {
  const { api_key, name = "", password = "", ...proof } = body;
  if (api_key !== undefined) return logins.logIn({ api_key, ...proof }, address);
  const login = await passwordLogins.verify(name, password, address);
  if (!("code" in login)) logins.made++;
  return login;
}

function formIssues(body: SessionBody) {
  const { api_key, api_secret, timestamp, signature, name, password } = body;
  const isSigned = signature !== undefined;
  const isKey = api_key !== undefined && (api_secret !== undefined) !== isSigned;
  const isWhole = isKey && (timestamp !== undefined) === isSigned;
  const isName = name !== undefined && password !== undefined;
  const others = isName ? [api_key, api_secret, timestamp, signature] : [name, password];
  if (isWhole !== isName && others.every((each) => each === undefined)) return null;
  return [
    {
      field: api_key === undefined && name !== undefined ? "password" : "api_secret",
      issue: EITHER,
    },
  ];
}
