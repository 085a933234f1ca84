/** Speaks to the admin API of a running exchange. */

import { join } from "node:path";
import * as v from "valibot";
import { ErrorCode } from "../../protocol/errors.ts";
import { ADMIN_TOKEN_FILE, readAdminToken } from "../token.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { readEnvironment } from "./environment.ts";

const TIMEOUT_MS = 120_000;
const DATA_DIR_DEFAULT = "data";

/** Where the exchange is and who asks, as the global options say it. */
export interface Connection {
  url: string;
  token?: string;
  dataDir?: string;
}

/** What the exchange says when it refuses. */
const ErrorBody = v.object({
  code: v.number(),
  message: v.string(),
  details: v.optional(
    v.object({
      field: v.optional(v.string()),
      issue: v.optional(v.string()),
      issues: v.optional(v.array(v.object({ field: v.string(), issue: v.string() }))),
      kept: v.optional(v.array(v.string())),
    }),
    {},
  ),
});

interface Token {
  value: string;
  /** Where it came from, for the message when it is refused. */
  source: string;
}

/**
 * Asks the exchange and gives its answer, checked against `answer`. Throws `CliError`, with what to
 * do about it, when there is no token, nobody answers, or the request is refused.
 */
export async function ask<const Schema extends v.GenericSchema>(
  connection: Connection,
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  answer: Schema,
  body?: object,
  timeoutMs = TIMEOUT_MS,
): Promise<v.InferOutput<Schema>> {
  const token = findToken(connection);
  const response = await send(connection.url, method, path, token, body, timeoutMs);
  // What is not JSON is no answer of an exchange, and fails the checks below.
  const value: unknown = await response.json().catch(() => null);
  if (response.ok) {
    const parsed = v.safeParse(answer, value);
    if (parsed.success) return parsed.output;
    throw notWaiver(connection.url, response);
  }
  const refusal = v.safeParse(ErrorBody, value);
  if (!refusal.success) throw notWaiver(connection.url, response);
  if (response.status === 401) {
    throw new CliError(
      `The exchange at ${connection.url} refused the admin token from ${token.source}.\n` +
        "  Give the one it runs with: --token, WAIVER_ADMIN_TOKEN, or --data-dir for its data directory.",
    );
  }
  const isUnknown = refusal.output.code === ErrorCode.UNKNOWN_SYMBOL;
  throw new CliError(wordsOf(refusal.output), isUnknown ? { exitCode: EXIT.unknown } : {});
}

async function send(
  url: string,
  method: string,
  path: string,
  token: Token,
  body: object | undefined,
  timeoutMs: number,
): Promise<Response> {
  try {
    return await fetch(`${url}/admin/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${token.value}`, "Content-Type": "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      `No exchange answers at ${url} (${reason}).\n` +
        "  Start one with `waiver serve`, or say where it runs with --url.",
      { cause: error },
    );
  }
}

function findToken({ token, dataDir = DATA_DIR_DEFAULT }: Connection): Token {
  if (token !== undefined) return { value: token, source: "--token" };
  const { adminToken } = readEnvironment();
  if (adminToken !== null) return { value: adminToken, source: "WAIVER_ADMIN_TOKEN" };
  const file = join(dataDir, ADMIN_TOKEN_FILE);
  const kept = readAdminToken(dataDir);
  if (kept !== null) return { value: kept, source: file };
  throw new CliError(
    `No admin token: ${file} does not exist.\n` +
      "  The exchange makes it in its data directory at the first start: say which with --data-dir,\n" +
      "  or give the token with --token or WAIVER_ADMIN_TOKEN.",
  );
}

function notWaiver(url: string, response: Response): CliError {
  return new CliError(
    `What answers at ${url} is not an exchange of this version ` +
      `(status ${response.status}). Is --url right?`,
  );
}

function wordsOf({ code, message, details }: v.InferOutput<typeof ErrorBody>): string {
  const { field, issue, kept } = details;
  const issues = details.issues ?? (field && issue ? [{ field, issue }] : []);
  const lines = issues.map((fault) => `  ${fault.field}: ${fault.issue}`);
  if (kept) lines.push(`  done nevertheless: ${kept.join(", ")}`);
  return [`${message} (${code})`, ...lines].join("\n");
}
