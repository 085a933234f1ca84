/** Answers over HTTP: JSON, and errors in the protocol's form with their status and headers. */
import { encodeLists } from "../../lib/json-lists.ts";
import { type ErrorBody, errorBody, httpStatus } from "../../protocol/errors.ts";
import { invalidParameters } from "../../protocol/issue.ts";
import { UnavailableError } from "../../router/control.ts";
import { type Caller, isLoggedIn } from "../../trading/caller.ts";
import { RETRY_AFTER_MS } from "../../trading/outcome.ts";

export interface ResponseParts {
  status?: number | undefined;
  headers?: Readonly<Record<string, string>>;
}

export interface RefusalParts extends ResponseParts {
  /** How long the answer is held back, milliseconds, to slow down a client that goes on regardless. */
  delayMs?: number | undefined;
  /** The limits of the user who is refused, when he is logged in; without it the refusal counts for his address. */
  user?: Caller["limits"] | undefined;
}

/** A refusal of a request, with what the client is answered. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  constructor(
    readonly body: ErrorBody,
    readonly parts: RefusalParts = {},
  ) {
    super(body.message);
  }

  /** The same refusal with more headers. */
  with(headers: Readonly<Record<string, string>>): HttpError {
    return new HttpError(this.body, {
      ...this.parts,
      headers: { ...this.parts.headers, ...headers },
    });
  }

  /** The same refusal to a caller, who pays for it himself when he is logged in. */
  to(caller: Caller): HttpError {
    if (!isLoggedIn(caller)) return this;
    return new HttpError(this.body, { ...this.parts, user: caller.limits });
  }
}

/** The refusal with `code` and a message of its own. */
export function httpError(code: number, message: string, parts?: RefusalParts): HttpError {
  return new HttpError(errorBody(code, undefined, message), parts);
}

/** The refusal that an error stands for; null for an unexpected error. */
export function refusalOf(error: unknown): HttpError | null {
  if (error instanceof HttpError) return error;
  if (!(error instanceof UnavailableError)) return null;
  return httpError(error.code, error.message);
}

/** 40001 for one part of a request. */
export function invalidField(field: string, issue: string, parts?: RefusalParts): HttpError {
  return new HttpError(invalidParameters("", [{ field, issue }]), parts);
}

/** 40001 with status 404: what the request names in `field` is not there. */
export function noSuch(field: string, issue: string): HttpError {
  return invalidField(field, issue, { status: 404 });
}

/** No cache may keep an answer of the exchange. */
export const JSON_HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-store" };
const jsonHeaders = new Headers(JSON_HEADERS);

/** `body` as JSON, with status 200 by default. */
export function jsonResponse(body: unknown, parts: ResponseParts = {}): Response {
  return jsonTextResponse(JSON.stringify(body), parts);
}

/** A JSON object with a list that may be long, as its member `name`. Other work has its turn while it is written. */
export async function listResponse(name: string, list: Iterable<object>): Promise<Response> {
  return responseWith(await encodeLists({ [name]: list }), jsonHeaders);
}

/** As `jsonResponse`, for a body that is JSON already. */
export function jsonTextResponse(json: string, parts: ResponseParts): Response {
  return responseWith(json, jsonHeaders, parts);
}

/**
 * An answer with the headers of `base` and of `parts`. Bun copies those of `base` as they are, which takes a third of the
 * time of reading all of them from an object.
 */
export function responseWith(
  body: string | Uint8Array<ArrayBuffer>,
  base: Headers,
  { status = 200, headers }: ResponseParts = {},
): Response {
  const response = new Response(body, { status, headers: base });
  for (const name in headers) response.headers.set(name, headers[name] as string);
  return response;
}

/** A result as JSON with its headers, answered with status 200. */
export class JsonAnswer {
  constructor(
    readonly json: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {}
}

/** An error with its HTTP status, or with `status`. Its headers say when to try again (429, 503) and how to log in (401). */
export function errorResponse(body: ErrorBody, { status, headers }: ResponseParts): Response {
  const { code } = body;
  const http = status ?? httpStatus(code);
  const all: Record<string, string> = {};
  let { details } = body;
  if (passesByItself(code)) {
    details = { retry_after_ms: RETRY_AFTER_MS, ...details };
    all["Retry-After"] = String(Math.ceil(Number(details.retry_after_ms) / 1000));
  }
  if (http === 401) all["WWW-Authenticate"] = "Bearer";
  const told = details === undefined ? body : { ...body, details };
  return jsonResponse(told, { status: http, headers: { ...all, ...headers } });
}

/** Whether waiting helps: it does with limits and 503xx, but not with failed storage (50700, also status 503). */
function passesByItself(code: number): boolean {
  const family = Math.floor(code / 100);
  return family === 429 || family === 503;
}
