/** Bodies and answers of the routes for sign-up, passwords, own keys, the demo's logins and facts about the exchange. */
import { type Static, Type } from "@sinclair/typebox";
import { ErrorCode } from "../errors.ts";
import { count, credential, flag, optional, params, positive, text } from "./fields.ts";
import type { PlainRouteSpec } from "./plain-route.ts";
import { BegunSession } from "./session.ts";
import { CreateKeyBody, CreateKeyReply, ListedKey } from "./users.ts";

export const LOGIN_NAME_PATTERN = "^[A-Za-z][A-Za-z0-9._-]{2,31}$";
const LOGIN_NAME_FORM = "3 to 32 letters, digits, dots, dashes and underscores, a letter first";
export const PASSWORD_CHARACTERS_MIN = 10;
export const PASSWORD_CHARACTERS_MAX = 128;

const PASSWORD_FORM = `${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters`;

const newPassword = () =>
  text(`${PASSWORD_FORM}, and not the name`, PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, {
    writeOnly: true,
    expected: PASSWORD_FORM,
  });

export const SignUpBody = params({
  name: Type.String({
    pattern: LOGIN_NAME_PATTERN,
    expected: LOGIN_NAME_FORM,
    description: `unique, whatever the case of its letters; ${LOGIN_NAME_FORM}`,
  }),
  password: newPassword(),
});
export const PasswordBody = params({
  password: credential("the present one"),
  new_password: newPassword(),
});
const PasswordReply = Type.Object({ changed: flag("true: all other sessions have ended") });
export const DemoSessionBody = params({
  name: optional(text("a demo account; default alice", 64)),
});

const NameForm = Type.Object(
  { pattern: Type.String({ description: "a regular expression" }) },
  { description: "of names that people sign up with" },
);
const PasswordForm = Type.Object(
  { min: positive("characters at least"), max: positive("characters at most") },
  { description: "of new passwords" },
);
const MarketTerms = Type.Object(
  {
    price_increment: positive("cents"),
    price_band_percent: Type.Number({ minimum: 0, description: "0: no band" }),
    max_order_quantity: count("shares; 0: no limit"),
    maker_fee_bps: Type.Integer({ description: "basis points; negative is a rebate" }),
    taker_fee_bps: count("basis points"),
  },
  { description: "as configured; an account may have fees of its own" },
);
export const ExchangeInfo = Type.Object({
  sign_up: flag("whether anybody may sign up"),
  name: NameForm,
  password: PasswordForm,
  demo_accounts: Type.Array(Type.String(), {
    description: "that this machine may log in to without a password; none but in a demo",
  }),
  market: MarketTerms,
});
const Keys = Type.Object({
  keys: Type.Array(ListedKey, { description: "by age, also those that have ended" }),
});

export type SignUpBody = Static<typeof SignUpBody>;
export type PasswordBody = Static<typeof PasswordBody>;
export type DemoSessionBody = Static<typeof DemoSessionBody>;
export type ExchangeInfo = Static<typeof ExchangeInfo>;

const tag = "People";
const { CAPACITY, MARKET_DATA_RATE, OVERLOADED, PERMISSION_MISSING } = ErrorCode;
const OF_OWNERS = "For a session that its user began himself (`manages_keys`).";

/** The routes, as published. */
export const peopleRoutesSpec = {
  "GET /exchange": {
    ...{ tag, login: "optional" },
    operationId: "exchangeGet",
    summary: "What this exchange offers",
    reply: ExchangeInfo,
  },
  "POST /users": {
    ...{ tag, login: "none", status: 201 },
    operationId: "userSignUp",
    summary: "Sign up, and begin a session",
    description: "Where `sign_up` is true. Also sets the cookie.",
    body: SignUpBody,
    reply: BegunSession,
    errors: [PERMISSION_MISSING, CAPACITY, OVERLOADED],
    statuses: { 409: "The name is taken (40001), or there are no more users (40910)" },
  },
  "POST /demo/session": {
    ...{ tag, login: "none" },
    operationId: "demoSessionBegin",
    summary: "Begin a session of a demo account, without a password",
    description: "In a demo, from the machine that it runs on. Without a body: alice's.",
    ...{ body: DemoSessionBody, isBodyOptional: true },
    reply: BegunSession,
    errors: [PERMISSION_MISSING],
    statuses: { 404: "This is no demo (40002), or there is no such account (40001)" },
  },
  "POST /password": {
    ...{ tag, login: "session" },
    operationId: "passwordChange",
    summary: "Have another password",
    description: `${OF_OWNERS} All other sessions of the user end; keys stay.`,
    body: PasswordBody,
    reply: PasswordReply,
    errors: [PERMISSION_MISSING, OVERLOADED],
  },
  "GET /keys": {
    ...{ tag, login: "session" },
    operationId: "keysList",
    summary: "One's own API keys",
    description: OF_OWNERS,
    reply: Keys,
    errors: [PERMISSION_MISSING],
  },
  "POST /keys": {
    ...{ tag, login: "session", status: 201 },
    operationId: "keyCreate",
    summary: "One more API key",
    description: `${OF_OWNERS} Its permissions are the user's at most, and by default.`,
    body: CreateKeyBody,
    reply: CreateKeyReply,
    errors: [PERMISSION_MISSING, CAPACITY, MARKET_DATA_RATE],
  },
  "DELETE /keys/:key": {
    ...{ tag, login: "session" },
    operationId: "keyRevoke",
    summary: "End an API key",
    description: OF_OWNERS,
    reply: ListedKey,
    errors: [PERMISSION_MISSING],
    statuses: { 404: "There is no such key of the user's" },
  },
} as const satisfies Record<`${string} /${string}`, PlainRouteSpec>;
