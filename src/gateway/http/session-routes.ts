/** Routes that begin a session with a key or a password, show it, and end it. */
import type { Clocks } from "../../lib/clocks.ts";
import type { Lifecycle } from "../../lib/lifecycle.ts";
import { type ErrorBody, ErrorCode } from "../../protocol/errors.ts";
import { invalidParameters } from "../../protocol/issue.ts";
import { REST_PATH } from "../../protocol/schemas/rest.ts";
import { SessionBody } from "../../protocol/schemas/session.ts";
import type { Login } from "../../trading/login.ts";
import type { Logins } from "../../trading/logins.ts";
import type { PasswordLogins } from "../../trading/password-logins.ts";
import type { TokenLogins } from "../../trading/token-logins.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { HttpLogins } from "./http-logins.ts";
import { callerRateHeaders } from "./rate-headers.ts";
import { assertNoBody, bodyReader } from "./request-body.ts";
import type { RequestGate } from "./request-gate.ts";
import { HttpError, httpError, jsonResponse } from "./responses.ts";
import { route } from "./route.ts";
import type { RouteGroup } from "./routes.ts";
import { chargingRefusals, pay, rated } from "./serve-paying.ts";
import { noSession, orThrow, SessionAnswers, sessionInfo } from "./session-answers.ts";
import { sessionCookie } from "./session-cookie.ts";

export interface SessionRoutesParts extends Clocks {
  logins: Logins;
  passwordLogins: PasswordLogins;
  tokenLogins: TokenLogins;
  httpLogins: HttpLogins;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
  lifecycle: Lifecycle;
}

/** No login needs a longer body. */
const BODY_BYTES_MAX = 4096;
const EITHER =
  "Exactly one of api_key, with api_secret or a signature, and name, with password, is required";

/** `isTls`: the exchange itself speaks TLS. */
export function sessionRoutes(parts: SessionRoutesParts, isTls: boolean): RouteGroup {
  const bodyOf = bodyReader(SessionBody, BODY_BYTES_MAX);
  const answers = new SessionAnswers(parts, isTls);
  const end = async (request: Request, login: Login): Promise<Response> => {
    assertSession(parts, login);
    const { caller, session } = login;
    if (session === null) {
      pay(caller.limits.weights, parts.monotonic());
      const message = "This token is another issuer's: end it there";
      throw httpError(ErrorCode.PERMISSION_MISSING, message);
    }
    await assertNoBody(request);
    await parts.tokenLogins.end(session);
    const cookie = sessionCookie("", 0, answers.isSecure(request));
    return jsonResponse({ ended: true }, { headers: { "Set-Cookie": cookie } });
  };
  return {
    weight: 0,
    refusalHeaders: (request, server) => callerRateHeaders(parts, request, server),
    routes: [
      route(
        `POST ${REST_PATH}/session`,
        {},
        chargingRefusals(parts, async (request, address) => {
          const body = await bodyOf(request);
          const issues = formIssues(body);
          if (issues !== null) throw new HttpError(invalidParameters("", issues));
          return answers.begin(request, orThrow(await verify(parts, body, address)));
        }),
      ),
      route(
        `GET ${REST_PATH}/session`,
        {},
        chargingRefusals(parts, async (request, address) => {
          const login = await shownLogin(parts, request, address);
          return rated(parts, login, () => {
            assertSession(parts, login);
            pay(login.caller.limits.weights, parts.monotonic());
            return sessionInfo(login);
          });
        }),
      ),
      route(
        `DELETE ${REST_PATH}/session`,
        {},
        chargingRefusals(parts, async (request, address) => {
          const login = await shownLogin(parts, request, address);
          return rated(parts, login, () => end(request, login));
        }),
      ),
    ],
  };
}

/** The login that a request shows. Throws `HttpError` 40100 when it shows none. */
async function shownLogin(
  { httpLogins }: SessionRoutesParts,
  request: Request,
  address: string,
): Promise<Login> {
  const login = await httpLogins.loginOf(request, address);
  if (login === null) throw noSession();
  return login;
}

/** Throws `HttpError` 40100 for a login with a key, which has no session. The user pays 1 for the question. */
function assertSession(
  { monotonic }: Pick<SessionRoutesParts, "monotonic">,
  { caller, expiresAt }: Login,
): void {
  if (expiresAt !== null) return;
  pay(caller.limits.weights, monotonic());
  throw noSession();
}

async function verify(
  { logins, passwordLogins }: SessionRoutesParts,
  body: SessionBody,
  address: string,
): Promise<Login | ErrorBody> {
  const { api_key, name = "", password = "", ...proof } = body;
  if (api_key !== undefined) return logins.logIn({ api_key, ...proof }, address);
  const login = await passwordLogins.verify(name, password, address);
  if (!("code" in login)) logins.note(login, address);
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
