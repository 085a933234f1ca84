/** Reads the params of a method from a REST request: from its path, and its query or body. */
import type { TObject } from "@sinclair/typebox";
import { checkParams } from "../../protocol/check.ts";
import { clipped, type Issue, invalidParameters, UNKNOWN_PARAMETER } from "../../protocol/issue.ts";
import { type MethodName, methods } from "../../protocol/schemas.ts";
import { assertJson, readBody } from "../http/request-body.ts";
import { readQuery } from "../http/request-query.ts";
import { HttpError } from "../http/responses.ts";
import type { HttpRequest } from "../http/route.ts";

/** The longest body of a client without a login, bytes. The same as for his frames. */
const STRANGER_BODY_BYTES_MAX = 65_536;

/** Reads the query of a request for `method`. Throws `HttpError` 40001. */
export function queryParams(request: HttpRequest, method: MethodName): Record<string, unknown> {
  return readQuery(request, methods[method].params as TObject);
}

/**
 * Reads the body of a request. `pay` is called with its bytes before they are read. Throws `HttpError`: 415, 413, 408, 40000,
 * and what `pay` throws.
 */
export function bodyParams(
  request: HttpRequest,
  isStranger: boolean,
  pay: (bytes: number) => void,
): Promise<object> {
  assertJson(request);
  const limits = { pay, ...(isStranger && { bytesMax: STRANGER_BODY_BYTES_MAX }) };
  return readBody(request, limits);
}

/**
 * Throws `HttpError` 40001 that names each member of `given`, which is in the part of the request that the route does not
 * read.
 */
export function assertNone(given: object, method: MethodName, issue: string): void {
  const issues = Object.keys(given).map((name): Issue => ({ field: clipped(name), issue }));
  if (issues.length > 0) throw new HttpError(invalidParameters(method, issues));
}

/**
 * Joins `given`, from the query or the body, with the parameters of the path, and checks them as params of the method. The
 * route does not take members in `without`. Throws `HttpError` 40001.
 */
export function checkedParams(
  method: MethodName,
  given: object,
  path: Readonly<Record<string, string>>,
  without: readonly string[],
): object {
  const unknown = Object.keys(given).filter(
    (name) => without.includes(name) || Object.hasOwn(path, name),
  );
  const params = { ...given, ...path };
  const issues =
    unknown.length > 0
      ? unknown.map((name): Issue => ({ field: clipped(name), issue: UNKNOWN_PARAMETER }))
      : checkParams(method, params);
  if (issues !== null) throw new HttpError(invalidParameters(method, issues));
  return params;
}
