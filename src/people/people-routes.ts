/** The routes of people's own affairs. */
import type { Static, TSchema } from "@sinclair/typebox";
import type { ClientAddresses } from "../gateway/client-addresses.ts";
import type { HttpLogins } from "../gateway/http/http-logins.ts";
import { assertJson, readBody } from "../gateway/http/request-body.ts";
import type { RequestGate } from "../gateway/http/request-gate.ts";
import { HttpError, jsonResponse } from "../gateway/http/responses.ts";
import { type HttpRequest, type HttpServer, route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import { noSession, orThrow, type SessionAnswers } from "../gateway/http/session-answers.ts";
import { charged } from "../gateway/http/session-routes.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import { compileCheck } from "../protocol/check.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import { CreateKeyBody } from "../protocol/schemas/admin.ts";
import {
  DemoSessionBody,
  type ExchangeInfo,
  LOGIN_NAME_PATTERN,
  PASSWORD_CHARACTERS_MAX,
  PASSWORD_CHARACTERS_MIN,
  PasswordBody,
  peopleRoutesSpec,
  SignUpBody,
} from "../protocol/schemas/people.ts";
import { REST_PATH } from "../protocol/schemas/rest.ts";
import type { Callers } from "../trading/caller.ts";
import { type Login, managesKeys } from "../trading/login.ts";
import { loginOf, type PasswordLogins } from "../trading/password-logins.ts";
import { type DemoLogins, isLocal } from "./demo-logins.ts";
import type { OwnKeys } from "./own-keys.ts";
import type { Passwords } from "./passwords.ts";
import type { SignUps } from "./sign-ups.ts";

export interface PeopleRoutesParts {
  signUps: SignUps;
  passwords: Passwords;
  ownKeys: OwnKeys;
  demoLogins: DemoLogins;
  /** What the exchange says of its market. */
  terms: ExchangeInfo["market"];
  answers: SessionAnswers;
  callers: Callers;
  passwordLogins: PasswordLogins;
  httpLogins: HttpLogins;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
  lifecycle: Lifecycle;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
}

/** The longest password there and back, and a few names. */
const BODY_BYTES_MAX = 8192;
/** Each call may write a file, and the journal. */
const CALL_WEIGHT = 10;
const DEMO_NAME = "alice";

interface Visit {
  readonly request: HttpRequest;
  readonly server: HttpServer;
  readonly address: string;
}

export function peopleRoutes(parts: PeopleRoutesParts): RouteGroup {
  const { signUps, passwords, ownKeys, demoLogins, answers, passwordLogins } = parts;
  const signUpBody = bodyReader(SignUpBody);
  const passwordBody = bodyReader(PasswordBody);
  const keyBody = bodyReader(CreateKeyBody);
  const demoBody = bodyReader(DemoSessionBody);
  const own = (serve: (login: Login, visit: Visit) => Promise<Response>) =>
    charged(parts, async (request, address, server) => {
      const visit = { request, server, address };
      const login = await ownSession(parts, visit);
      return serve(login, visit).catch((error: unknown) => {
        throw error instanceof HttpError ? error.to(login.caller) : error;
      });
    });
  return {
    weight: 0,
    routes: [
      route(`GET ${REST_PATH}/exchange`, peopleRoute("GET /exchange"), (call) => {
        parts.gate.charge(call.request, call.server, 1);
        return exchangeInfo(parts, call.request, call.server);
      }),
      route(
        `POST ${REST_PATH}/users`,
        peopleRoute("POST /users"),
        charged(parts, async (request, address) => {
          signUps.assertOpen();
          const body = await signUpBody(request);
          const user = await signUps.signUp(body, address);
          passwordLogins.known(body.name, address);
          return answers.begin(request, orThrow(loginOf(parts.callers, user)), 201);
        }),
      ),
      route(
        `POST ${REST_PATH}/demo/session`,
        peopleRoute("POST /demo/session"),
        charged(parts, async (request, _address, server) => {
          if (!demoLogins.isOpen) throw noDemo();
          if (!isLocal(request, server)) throw notHere();
          const { name = DEMO_NAME } = hasBody(request) ? await demoBody(request) : {};
          const user = demoLogins.user(name);
          if (user === null) throw unknown("name", `There is no demo account ${name}`);
          return answers.begin(request, orThrow(loginOf(parts.callers, user)));
        }),
      ),
      route(
        `POST ${REST_PATH}/password`,
        peopleRoute("POST /password"),
        own(async (login, { request, address }) => {
          await passwords.change(login, await passwordBody(request), address);
          return jsonResponse({ changed: true });
        }),
      ),
      route(
        `GET ${REST_PATH}/keys`,
        peopleRoute("GET /keys"),
        own(async ({ caller }) => jsonResponse({ keys: ownKeys.of(caller.user) })),
      ),
      route(
        `POST ${REST_PATH}/keys`,
        peopleRoute("POST /keys"),
        own(async ({ caller }, { request }) =>
          jsonResponse(await ownKeys.create(caller.user, await keyBody(request)), { status: 201 }),
        ),
      ),
      route(
        `DELETE ${REST_PATH}/keys/:key`,
        peopleRoute("DELETE /keys/:key"),
        own(async ({ caller }, { request }) => {
          const key = String(request.params.key);
          const ended = await ownKeys.revoke(caller.user, key);
          if (ended === null) throw unknown("key", "There is no such key");
          return jsonResponse(ended);
        }),
      ),
    ],
  };
}

/**
 * The session that a request shows, when its user himself began it: 40100, 40300 otherwise. He has paid for the call,
 * or is told 42902.
 */
async function ownSession(parts: PeopleRoutesParts, { request, address }: Visit): Promise<Login> {
  const login = await parts.httpLogins.loginOf(request, address);
  if (login === null) throw noSession();
  const retry_after_ms = login.caller.limits.weights.take(parts.monotonic(), CALL_WEIGHT);
  if (retry_after_ms > 0) {
    throw new HttpError(errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms })).to(login.caller);
  }
  if (managesKeys(login)) return login;
  const message = "Needs a session that began with a password, not with an API key";
  throw new HttpError(errorBody(ErrorCode.PERMISSION_MISSING, undefined, message));
}

function exchangeInfo(
  { signUps, demoLogins, terms }: PeopleRoutesParts,
  request: HttpRequest,
  server: HttpServer,
): ExchangeInfo {
  return {
    sign_up: signUps.isOpen,
    name: { pattern: LOGIN_NAME_PATTERN },
    password: { min: PASSWORD_CHARACTERS_MIN, max: PASSWORD_CHARACTERS_MAX },
    demo_accounts: isLocal(request, server) ? demoLogins.names() : [],
    market: terms,
  };
}

/** What a route gives. Its body is read by its handler, when it knows who pays. */
function peopleRoute(name: keyof typeof peopleRoutesSpec) {
  return { reply: peopleRoutesSpec[name].reply };
}

function bodyReader<Body extends TSchema>(schema: Body) {
  const check = compileCheck(schema);
  return async (request: HttpRequest): Promise<Static<Body>> => {
    assertJson(request);
    const body = await readBody(request, { bytesMax: BODY_BYTES_MAX });
    const issues = check(body);
    if (issues !== null) throw new HttpError(invalidParameters("", issues));
    return body as Static<Body>;
  };
}

function hasBody({ headers }: Request): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0;
}

function noDemo(): HttpError {
  return new HttpError(errorBody(ErrorCode.UNKNOWN_METHOD, undefined, "This is no demo"));
}

function notHere(): HttpError {
  const message = "Demo accounts are for the exchange's own page on the machine that it runs on";
  return new HttpError(errorBody(ErrorCode.PERMISSION_MISSING, undefined, message));
}

function unknown(field: string, issue: string): HttpError {
  return new HttpError(invalidParameters("", [{ field, issue }]), { status: 404 });
}
