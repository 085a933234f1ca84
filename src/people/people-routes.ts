/** The routes for sign-up, passwords, own keys and the demo's logins. */
import type { ClientAddresses } from "../gateway/client-addresses.ts";
import type { HttpLogins } from "../gateway/http/http-logins.ts";
import { callerRateHeaders } from "../gateway/http/rate-headers.ts";
import { assertNoBody, bodyReader, hasBody } from "../gateway/http/request-body.ts";
import type { RequestGate } from "../gateway/http/request-gate.ts";
import { type HttpError, httpError, jsonResponse, noSuch } from "../gateway/http/responses.ts";
import { type HttpServer, type Incoming, type Route, route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import { chargingRefusals, oweRows, servePaying, serveUser } from "../gateway/http/serve-paying.ts";
import { orThrow, type SessionAnswers } from "../gateway/http/session-answers.ts";
import type { User } from "../identity/user.ts";
import type { MonotonicClock } from "../lib/clocks.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import { ErrorCode } from "../protocol/errors.ts";
import {
  DemoSessionBody,
  type ExchangeInfo,
  LOGIN_NAME_PATTERN,
  PASSWORD_CHARACTERS_MAX,
  PASSWORD_CHARACTERS_MIN,
  PasswordBody,
  SignUpBody,
} from "../protocol/schemas/people.ts";
import { REST_PATH } from "../protocol/schemas/rest.ts";
import { CreateKeyBody } from "../protocol/schemas/users.ts";
import type { Callers } from "../trading/caller.ts";
import { type Login, managesKeys } from "../trading/login.ts";
import type { Logins } from "../trading/logins.ts";
import { loginOf, type PasswordLogins } from "../trading/password-logins.ts";
import { type DemoLogins, isLocal } from "./demo-logins.ts";
import type { OwnKeys } from "./own-keys.ts";
import type { Passwords } from "./passwords.ts";
import type { SignUps } from "./sign-ups.ts";

export interface PeopleRoutesParts extends MonotonicClock {
  signUps: SignUps;
  passwords: Passwords;
  ownKeys: OwnKeys;
  demoLogins: DemoLogins;
  /** The market's rules, for everybody to read. */
  terms: ExchangeInfo["market"];
  answers: SessionAnswers;
  callers: Callers;
  logins: Pick<Logins, "note">;
  passwordLogins: PasswordLogins;
  httpLogins: HttpLogins;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
  lifecycle: Lifecycle;
}

/** Enough for two of the longest passwords and a few names. */
const BODY_BYTES_MAX = 8192;
const DEMO_NAME = "alice";

export function peopleRoutes(parts: PeopleRoutesParts): RouteGroup {
  return {
    weight: 0,
    refusalHeaders: (request, server) => callerRateHeaders(parts, request, server),
    routes: [
      route(`GET ${REST_PATH}/exchange`, {}, (call) =>
        servePaying(parts, call, 1, () => exchangeInfo(parts, call.request, call.server)),
      ),
      ...beginningRoutes(parts),
      ...ownRoutes(parts),
    ],
  };
}

/** Routes that begin a session without a login: sign-up, and the demo. */
function beginningRoutes(parts: PeopleRoutesParts): Route[] {
  const { signUps, demoLogins, passwordLogins } = parts;
  const begin = (request: Request, user: User, address: string, status: number) => {
    const login = orThrow(loginOf(parts.callers, user));
    parts.logins.note(login, address);
    return parts.answers.begin(request, login, status);
  };
  const signUpBody = bodyReader(SignUpBody, BODY_BYTES_MAX);
  const demoBody = bodyReader(DemoSessionBody, BODY_BYTES_MAX);
  return [
    route(
      `POST ${REST_PATH}/users`,
      {},
      chargingRefusals(parts, async (request, address) => {
        signUps.assertOpen();
        const body = await signUpBody(request);
        const user = await signUps.signUp(body, address);
        passwordLogins.known(body.name, address);
        return begin(request, user, address, 201);
      }),
    ),
    route(
      `POST ${REST_PATH}/demo/session`,
      {},
      chargingRefusals(parts, async (request, address, server) => {
        if (!demoLogins.isOpen) throw httpError(ErrorCode.UNKNOWN_METHOD, "This is no demo");
        if (!isLocal(request, server)) throw notHere();
        const { name = DEMO_NAME } = hasBody(request) ? await demoBody(request) : {};
        const user = demoLogins.user(name);
        if (user === null) throw noSuch("name", `There is no demo account ${name}`);
        return begin(request, user, address, 200);
      }),
    ),
  ];
}

/** Routes for a user's own password and keys. */
function ownRoutes(parts: PeopleRoutesParts): Route[] {
  const { passwords, ownKeys } = parts;
  const passwordBody = bodyReader(PasswordBody, BODY_BYTES_MAX);
  const keyBody = bodyReader(CreateKeyBody, BODY_BYTES_MAX);
  const own = (serve: (login: Login, call: Incoming) => object | Promise<object>) => {
    return (call: Incoming) =>
      serveUser(parts, call, (login) => {
        assertOwnSession(login);
        return serve(login, call);
      });
  };
  return [
    route(
      `POST ${REST_PATH}/password`,
      {},
      own(async (login, { request, server }) => {
        const body = await passwordBody(request);
        await passwords.change(login, body, parts.addresses.of(request, server));
        return { changed: true };
      }),
    ),
    route(
      `GET ${REST_PATH}/keys`,
      {},
      own((login) => {
        const keys = ownKeys.of(login.caller.user);
        oweRows(parts, login, keys.length);
        return { keys };
      }),
    ),
    route(
      `POST ${REST_PATH}/keys`,
      {},
      own(async ({ caller }, { request }) =>
        jsonResponse(await ownKeys.create(caller.user, await keyBody(request)), { status: 201 }),
      ),
    ),
    route(
      `DELETE ${REST_PATH}/keys/:key`,
      {},
      own(async ({ caller }, { request }) => {
        await assertNoBody(request);
        const key = String(request.params.key);
        const ended = await ownKeys.revoke(caller.user, key);
        if (ended === null) throw noSuch("key", "There is no such key");
        return ended;
      }),
    ),
  ];
}

/** Throws `HttpError` 40300 for a login that may not manage keys and passwords, such as one with an API key. */
function assertOwnSession(login: Login): void {
  if (managesKeys(login)) return;
  const message = "Needs a session that began with a password, not with an API key";
  throw httpError(ErrorCode.PERMISSION_MISSING, message);
}

function exchangeInfo(
  { signUps, demoLogins, terms }: PeopleRoutesParts,
  request: Request,
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

function notHere(): HttpError {
  const message = "Demo accounts are for the exchange's own page on the machine that it runs on";
  return httpError(ErrorCode.PERMISSION_MISSING, message);
}
