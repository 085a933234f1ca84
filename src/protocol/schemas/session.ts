/** Bodies and answers of the routes of a session. */
import { type Static, Type } from "@sinclair/typebox";
import { LoginParams, PERMISSIONS } from "./auth.ts";
import {
  accountId,
  choice,
  credential,
  flag,
  optional,
  params,
  text,
  timestamp,
} from "./fields.ts";
import type { PlainRouteSpec } from "./plain-route.ts";

const { api_secret, timestamp: signedAt, signature } = LoginParams.properties;

export const SessionBody = params({
  api_key: optional(credential("the key, with its secret or a signature as in `auth.login`")),
  ...{ api_secret, timestamp: signedAt, signature },
  name: optional(credential("or the name of a user, with his password")),
  password: optional(credential("the password")),
});

const SessionInfo = Type.Object({
  expires_at: timestamp("when it ends by itself, milliseconds since 1970"),
  user_id: text("`usr_<n>`", 64),
  account_id: accountId("`acc_<n>`, which the request is about"),
  account_ids: Type.Array(accountId("`acc_<n>`"), {
    description: "the accounts that may be named, the default one first",
  }),
  permissions: Type.Array(choice(PERMISSIONS, "permission"), { description: "what it may do" }),
  name: Type.String({ description: "the user's" }),
  manages_keys: flag("whether it may make and end API keys: it began with a password, not a key"),
});

export const BegunSession = Type.Object({
  token: Type.String({ description: "for `Authorization: Bearer`" }),
  ...SessionInfo.properties,
});

const EndedSession = Type.Object({ ended: flag("true") });

const tag = "Sessions";

/** The routes, as published. */
export const sessionRoutesSpec = {
  "POST /session": {
    tag,
    operationId: "postSession",
    login: "none",
    summary: "Begin a session",
    body: SessionBody,
    reply: BegunSession,
    description:
      "With a key and its secret or a signature, or with a name and a password. Also sets the cookie.",
  },
  "GET /session": {
    tag,
    operationId: "getSession",
    login: "session",
    summary: "The session that is shown",
    reply: SessionInfo,
  },
  "DELETE /session": {
    tag,
    operationId: "deleteSession",
    login: "session",
    summary: "End the session that is shown",
    reply: EndedSession,
  },
} as const satisfies Record<`${string} /${string}`, PlainRouteSpec>;

export type SessionBody = Static<typeof SessionBody>;
