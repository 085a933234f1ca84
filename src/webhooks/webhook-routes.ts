/** Webhooks over REST, for their users. */

import { callerRateHeaders } from "../gateway/http/rate-headers.ts";
import { assertNoBody, bodyReader } from "../gateway/http/request-body.ts";
import { HttpError, httpError, invalidField, noSuch } from "../gateway/http/responses.ts";
import { route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import { oweRows, type PayingParts, serveUser } from "../gateway/http/serve-paying.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { REST_PATH } from "../protocol/schemas/rest.ts";
import { CreateWebhookBody, WEBHOOK_EVENTS } from "../protocol/schemas/webhooks.ts";
import { accountOf } from "../trading/caller.ts";
import type { Login } from "../trading/login.ts";
import type { HookOwner } from "./hook.ts";
import { TargetRefused } from "./target.ts";
import { HooksFull, type Webhooks } from "./webhooks.ts";

/** Enough for the longest URL and a few names. */
const BODY_BYTES_MAX = 4096;

export interface WebhookRoutesParts extends PayingParts {
  webhooks: Webhooks;
  lifecycle: Lifecycle;
}

export function webhookRoutes(parts: WebhookRoutesParts): RouteGroup {
  const { webhooks } = parts;
  const path = `${REST_PATH}/webhooks` as const;
  const body = bodyReader(CreateWebhookBody, BODY_BYTES_MAX);
  return {
    weight: 0,
    refusalHeaders: (request, server) => callerRateHeaders(parts, request, server),
    routes: [
      route(`GET ${path}`, {}, (call) =>
        serveUser(parts, call, (login) => ({ webhooks: webhooks.of(ownerOf(login)) })),
      ),
      route(`POST ${path}`, {}, (call) =>
        serveUser(parts, call, async (login) => create(webhooks, login, await body(call.request))),
      ),
      route(`DELETE ${path}/:id`, {}, (call) =>
        serveUser(parts, call, async (login) => {
          await assertNoBody(call.request);
          const isDeleted = await webhooks.delete(call.params.id, ownerOf(login));
          if (!isDeleted) throw unknown(call.params.id);
          return { webhook_id: call.params.id, deleted: true };
        }),
      ),
      route(`GET ${path}/:id/dead-letters`, {}, (call) =>
        serveUser(parts, call, (login) => {
          const letters = webhooks.deadLetters(call.params.id, ownerOf(login));
          if (letters === null) throw unknown(call.params.id);
          oweRows(parts, login, letters.length);
          return { dead_letters: letters };
        }),
      ),
      route(`POST ${path}/:id/dead-letters/resend`, {}, (call) =>
        serveUser(parts, call, async (login) => {
          await assertNoBody(call.request);
          const resent = webhooks.resend(call.params.id, ownerOf(login));
          if (resent === null) throw unknown(call.params.id);
          oweRows(parts, login, resent.queued);
          return resent;
        }),
      ),
    ],
  };
}

function ownerOf({ caller: { user, accounts } }: Login): HookOwner {
  return { user: user.number, accounts };
}

async function create(
  webhooks: Webhooks,
  { caller, key }: Login,
  { url, events = [...WEBHOOK_EVENTS], account_id }: CreateWebhookBody,
): Promise<object> {
  const account = accountOf(caller, account_id);
  if (account === null) throw new HttpError(errorBody(ErrorCode.NOT_YOUR_ACCOUNT));
  const { number: user, createdAt: userSince } = caller.user;
  const apiKey = key?.apiKey ?? null;
  try {
    return await webhooks.create({ user, userSince, account, apiKey, url, events });
  } catch (error) {
    throw refusalOf(error);
  }
}

/** The error for a webhook that cannot be made. What the client can correct becomes an `HttpError`. */
function refusalOf(error: unknown): unknown {
  if (error instanceof HooksFull) return httpError(ErrorCode.CAPACITY, error.message);
  const isLookup =
    error instanceof Error && "code" in error && /DNS|ENOTFOUND/.test(String(error.code));
  if (!(error instanceof TargetRefused) && !isLookup) return error;
  const issue = error instanceof TargetRefused ? error.message : "Its host has no address";
  return invalidField("url", issue);
}

function unknown(id: string): HttpError {
  return noSuch("id", `There is no webhook ${id}`);
}
