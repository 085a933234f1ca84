/** Bodies and answers of the routes of webhooks. */
import { type Static, Type } from "@sinclair/typebox";
import { ErrorCode } from "../errors.ts";
import {
  accountId,
  choice,
  count,
  flag,
  NAME_CHARACTERS_MAX,
  nullable,
  optional,
  params,
  text,
  timestamp,
} from "./fields.ts";
import type { PlainRouteSpec } from "./plain-route.ts";

export const WEBHOOK_EVENTS = ["order", "balance", "position"] as const;
const URL_CHARACTERS_MAX = 2048;

export const CreateWebhookBody = params({
  url: Type.String({
    minLength: 1,
    maxLength: URL_CHARACTERS_MAX,
    description: "where it leads: https, and public addresses only",
  }),
  events: optional(
    Type.Array(choice(WEBHOOK_EVENTS, "kind"), {
      minItems: 1,
      maxItems: WEBHOOK_EVENTS.length,
      uniqueItems: true,
      description: "kinds of events that it gets; default all",
    }),
  ),
  account_id: optional(Type.String({ maxLength: 64, description: "default the user's own" })),
});
export type CreateWebhookBody = Static<typeof CreateWebhookBody>;

export const ListedWebhook = Type.Object({
  webhook_id: text("`whk_<n>`", NAME_CHARACTERS_MAX),
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  account_id: accountId(),
  url: Type.String({ description: "where it leads" }),
  events: Type.Array(Type.String(), { description: "kinds of events that it gets" }),
  created_at: timestamp(),
  seq: count("of the last event that is done with"),
  dead_letters: count("events that were given up"),
  failures: count("attempts in a row that went wrong"),
  error: nullable(Type.String(), "of the last attempt; null: it went well"),
});

const CreatedWebhook = Type.Object({
  ...ListedWebhook.properties,
  secret: Type.String({ description: "signs the deliveries; shown this once" }),
});

export const DeadLetters = Type.Object({
  dead_letters: Type.Array(
    Type.Object({
      seq: count("of the account's stream"),
      failed_at: timestamp("of the last attempt, milliseconds since 1970"),
      error: Type.String({ description: "why" }),
    }),
    { description: "oldest first" },
  ),
});

export const Resent = Type.Object({ queued: count("how many of them are still kept") });

const tag = "Webhooks";
const login = "any";
const statuses = { 404: "There is no such webhook of the user's" };

/** The routes, as published. */
export const webhookRoutesSpec = {
  "GET /webhooks": {
    ...{ tag, login },
    operationId: "webhooksList",
    summary: "One's own webhooks",
    reply: Type.Object({ webhooks: Type.Array(ListedWebhook) }),
  },
  "POST /webhooks": {
    ...{ tag, login },
    operationId: "webhookCreate",
    summary: "Have the events of an account posted to a URL",
    description:
      'Each event is a POST of `{id, webhook_id, account_id, stream: "user_data", data}` with the headers `X-Waiver-Delivery` (the id, ' +
      "the same each time it is sent), `X-Waiver-Timestamp` (milliseconds since 1970) and `X-Waiver-Signature`: `v1=` and the " +
      "hexadecimal HMAC-SHA256, keyed with the secret's text, of the timestamp, a dot, and the body. Any 2xx within 10 s takes it; " +
      "otherwise it is sent again, for a day, and what is behind it waits. " +
      "The webhook waits while the user is disabled, and ends when the key is revoked that it was made with, or that the session which made it began with.",
    body: CreateWebhookBody,
    reply: CreatedWebhook,
    errors: [ErrorCode.NOT_YOUR_ACCOUNT, ErrorCode.CAPACITY],
  },
  "DELETE /webhooks/:id": {
    ...{ tag, login, statuses },
    operationId: "webhookDelete",
    summary: "End a webhook",
    reply: Type.Object({ webhook_id: ListedWebhook.properties.webhook_id, deleted: flag("true") }),
  },
  "GET /webhooks/:id/dead-letters": {
    ...{ tag, login, statuses },
    operationId: "webhookDeadLetters",
    summary: "Events that were given up",
    reply: DeadLetters,
  },
  "POST /webhooks/:id/dead-letters/resend": {
    ...{ tag, login, statuses },
    operationId: "webhookDeadLettersResend",
    summary: "Send again what was given up, oldest first, until one fails",
    reply: Resent,
  },
} as const satisfies Record<`${string} /${string}`, PlainRouteSpec>;
