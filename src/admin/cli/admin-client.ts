/** Speaks to the admin API of a running exchange. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import * as v from "valibot";
import { isTokenText } from "../../lib/token-text.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { type AdminRoute, type AdminRouteSpec, adminRoutes } from "../../protocol/schemas/admin.ts";
import { ADMIN_TOKEN_FILE, readAdminToken } from "../token.ts";
import { ANSWERS, type Answer } from "./answers.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { adminTokenFromEnvironment } from "./environment.ts";
import { waiting } from "./progress.ts";
import type { Program } from "./root-command.ts";
import { type Naming, typedIssue } from "./typed-names.ts";

const TIMEOUT_MS = 120_000;
const HEALTH_TIMEOUT_MS = 10_000;
const NOTHING_TYPED: Naming = {
  command: { options: [], registeredArguments: [] },
  params: {},
  typed: {},
};
const DATA_DIR_DEFAULT = "data";
export const UNIX_PREFIX = "unix:";

/** Where the exchange is, and the operator's token, by the global options. */
export interface Connection {
  /** An origin, or `UNIX_PREFIX` and the path of a socket. */
  url: string;
  token?: string;
  tokenFile?: string;
  dataDir?: string;
}

type Specs = typeof adminRoutes;
export type Reply<Name extends AdminRoute> = Static<Specs[Name]["reply"]>;

export interface Asked<Name extends AdminRoute> {
  /** Values for the parts of the path with a colon before them. */
  params?: Readonly<Record<string, string>>;
  /** Members that are undefined are left out. */
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  body?: Specs[Name] extends { body: infer Body extends TSchema } ? Static<Body> : never;
  /** For errors: the option or argument of each field that is not called like its option. */
  typed?: Readonly<Record<string, string>>;
  timeoutMs?: number;
}

/** Codes of refusals because something does not exist: a symbol, a part of the journal. */
const UNKNOWN: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_SYMBOL,
  ErrorCode.REPLAY_UNAVAILABLE,
]);

/** What a proxy answers with when what is behind it does not: bad gateway, unavailable, gateway timeout. */
const BY_A_PROXY: ReadonlySet<number> = new Set([502, 503, 504]);

/** The body of a refusal. */
const ErrorBody = v.object({
  code: v.number(),
  message: v.string(),
  details: v.optional(
    v.object({
      field: v.optional(v.string()),
      issue: v.optional(v.string()),
      got: v.optional(v.string()),
      issues: v.optional(
        v.array(
          v.object({ field: v.string(), issue: v.string(), got: v.exactOptional(v.string()) }),
        ),
      ),
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

/** As `ask`, for a command. After a second it shows the person at the terminal that it waits. */
export function request<Name extends AdminRoute>(
  program: Program,
  name: Name,
  asked: Asked<Name> = {},
): Promise<Reply<Name>> {
  const what = `waiting for the exchange (${name.replace("/admin/v1", "")})`;
  const { params = {}, typed = {} } = asked;
  const naming = { command: program.running.command, params, typed };
  return waiting(program.terminal, what, ask(program.opts(), name, asked, naming));
}

/**
 * Sends a request to a route of the exchange and returns its answer, checked against the published schema.
 * Throws `CliError`, which says what to do, when there is no token, nobody answers, or the request is refused.
 */
export async function ask<Name extends AdminRoute>(
  connection: Connection,
  name: Name,
  { params = {}, query = {}, body, timeoutMs = TIMEOUT_MS }: Asked<Name> = {},
  naming?: Naming,
): Promise<Reply<Name>> {
  const spec: AdminRouteSpec = adminRoutes[name];
  const [method = "", path = ""] = name.split(" ");
  const token = findToken(connection);
  const sent = spec.body === undefined ? undefined : (body ?? {});
  const target = filled(path, params) + queryText(query);
  const { response, text } = await send(connection.url, method, target, token, sent, timeoutMs);
  const value = parsed(text);
  if (response.ok) {
    if (Value.Check(spec.reply, value)) return value as Reply<Name>;
    throw notWaiver(connection.url, method, response);
  }
  const refusal = v.safeParse(ErrorBody, value);
  if (!refusal.success) throw notWaiver(connection.url, method, response);
  if (response.status === 401) {
    throw new CliError(
      `The exchange at ${connection.url} refused the admin token from ${token.source}.\n` +
        "  Give the one it runs with: --token-file, --token, WAIVER_ADMIN_TOKEN, or --data-dir for its data directory.",
    );
  }
  const isUnknown = UNKNOWN.has(refusal.output.code);
  throw new CliError(wordsOf(refusal.output, naming), isUnknown ? { exitCode: EXIT.unknown } : {});
}

/** What `GET /healthz` of the exchange says. Throws `CliError` when nobody answers, or another program does. */
export async function askHealth({ url }: Connection): Promise<Answer<"live">> {
  const { response, text } = await send(url, "GET", "/healthz", null, undefined, HEALTH_TIMEOUT_MS);
  const value = parsed(text);
  if (Value.Check(ANSWERS.live, value)) return value;
  throw notWaiver(url, "GET", response);
}

function filled(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${path}: no ${name}`);
    // An empty part, "." and ".." would lead to another route, encoded or not.
    if (/^\.{0,2}$/.test(value)) {
      throw new CliError(`${JSON.stringify(value)} cannot be an id.`, { exitCode: EXIT.usage });
    }
    return encodeURIComponent(value);
  });
}

function queryText(query: NonNullable<Asked<AdminRoute>["query"]>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const pairs = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

async function send(
  url: string,
  method: string,
  target: string,
  token: Token | null,
  body: object | undefined,
  timeoutMs: number,
): Promise<{ response: Response; text: string }> {
  const socket = url.startsWith(UNIX_PREFIX) ? url.slice(UNIX_PREFIX.length) : null;
  try {
    const response = await fetch(`${socket === null ? url : "http://localhost"}${target}`, {
      method,
      headers: {
        ...(token !== null && { Authorization: `Bearer ${token.value}` }),
        "Content-Type": "application/json",
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(socket !== null && { unix: socket }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { response, text: await response.text() };
  } catch (error) {
    throw unreachable(url, method, error);
  }
}

/** What an answer says; null when it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The last line of an error where the exchange may have got the request, and its answer is not there. */
function outcomeUnknown(method: string): string {
  return method === "GET"
    ? ""
    : "\n  Whether it was carried out is not known: look before you ask again (`waiver audit`, or the list).";
}

function unreachable(url: string, method: string, error: unknown): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/CERT|SIGNED|ALTNAME/.test(code)) {
    return new CliError(
      `The certificate of ${url} is not trusted (${reason}).\n` +
        "  If it is right, say who signed it: NODE_EXTRA_CA_CERTS=<file in PEM>; or use the admin socket, --url unix:<file>.",
      { cause: error },
    );
  }
  // Bun's error texts end with advice about its API.
  const [said = reason] = reason.split(". For more information");
  const isCutOff = code === "ECONNRESET";
  const isLate = error instanceof Error && error.name === "TimeoutError";
  const mayHaveArrived = isCutOff || isLate;
  let advice = "  Start one with `waiver serve`, or say where it runs with --url.";
  if (isLate) advice = "  See whether its disk answers: `waiver status`, and the log.";
  else if (isCutOff) {
    advice = "  See whether it has just ended.";
    if (url.startsWith("http:"))
      advice += " With TLS its address begins with https: say so with --url.";
  }
  return new CliError(
    `No exchange answers at ${url} (${said}).\n${advice}${mayHaveArrived ? outcomeUnknown(method) : ""}`,
    { cause: error },
  );
}

function findToken(connection: Connection): Token {
  const token = givenToken(connection);
  if (token.value === "" || isTokenText(token.value)) return token;
  throw new CliError(`The admin token from ${token.source} has a character that no token has.`, {
    exitCode: EXIT.usage,
  });
}

function givenToken({ token, tokenFile, dataDir = DATA_DIR_DEFAULT }: Connection): Token {
  if (token !== undefined) return { value: token, source: "--token" };
  if (tokenFile !== undefined) return readTokenFile(tokenFile);
  const adminToken = adminTokenFromEnvironment();
  if (adminToken !== null) return { value: adminToken, source: "WAIVER_ADMIN_TOKEN" };
  const file = join(dataDir, ADMIN_TOKEN_FILE);
  const kept = keptToken(dataDir, file);
  if (kept !== null) return { value: kept, source: file };
  throw new CliError(
    `No admin token: ${file} does not exist.\n` +
      "  The exchange makes it in its data directory at the first start: say which with --data-dir,\n" +
      "  or give the token with --token-file, --token or WAIVER_ADMIN_TOKEN.",
  );
}

/** The token in the data directory; null when there is none. */
function keptToken(dataDir: string, file: string): string | null {
  try {
    return readAdminToken(dataDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      `The admin token ${file} cannot be read: ${reason}\n` +
        "  Ask as the user that runs the exchange, or give the token with --token-file, --token or WAIVER_ADMIN_TOKEN.",
      { cause: error },
    );
  }
}

function readTokenFile(file: string): Token {
  let value: string;
  try {
    value = readFileSync(file, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`--token-file ${file}: ${reason}`, { exitCode: EXIT.usage, cause: error });
  }
  if (value === "") throw new CliError(`--token-file ${file} is empty.`, { exitCode: EXIT.usage });
  return { value, source: file };
}

function notWaiver(url: string, method: string, response: Response): CliError {
  if (BY_A_PROXY.has(response.status)) {
    return new CliError(
      `A proxy at ${url} answers with status ${response.status}: it has no answer of the exchange.\n` +
        "  See whether the exchange runs, there with --url and its own address or admin socket." +
        outcomeUnknown(method),
    );
  }
  return new CliError(
    `What answers at ${url} is not an exchange of this version ` +
      `(status ${response.status}). Is --url right?`,
  );
}

function wordsOf(
  { code, message, details }: v.InferOutput<typeof ErrorBody>,
  naming: Naming = NOTHING_TYPED,
): string {
  const { field, issue, got, kept } = details;
  const only = field && issue ? [{ field, issue, ...(got !== undefined && { got }) }] : [];
  const issues = details.issues ?? only;
  const lines = issues.map((fault) => `  ${typedIssue(fault, naming)}`);
  if (kept) lines.push(`  done nevertheless: ${kept.join(", ")}`);
  return [`${message} (${code})`, ...lines].join("\n");
}
