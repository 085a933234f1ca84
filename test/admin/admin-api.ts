/** The admin API over an exchange that only records what it is asked, for tests of its routes. */
import { afterEach, beforeEach } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdminTokens } from "../../src/admin/admin-tokens.ts";
import { AdminOperations } from "../../src/admin/operations.ts";
import { createAdminRoutes } from "../../src/admin/routes.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { serveRoutes } from "../gateway/http/route-server.ts";
import { FakeExchange } from "./fake-exchange.ts";

export const TOKEN = "admin-token";

/** Made anew for each test. */
export let dir: string;
export let identity: IdentityStore;
export let exchange: FakeExchange;
export let tokens: AdminTokens;
export let served: ReturnType<typeof serveRoutes>;

/** Called once by each test file. */
export function useAdminApi(): void {
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "admin-"));
    identity = await IdentityStore.open(join(dir, IDENTITY_FILE));
    exchange = new FakeExchange();
    tokens = new AdminTokens(dir, TOKEN);
    const operations = newOperations();
    served = serveRoutes([createAdminRoutes({ ...exchange, tokens, operations })]);
  });

  afterEach(async () => {
    await served[Symbol.asyncDispose]();
    await identity.close();
    rmSync(dir, { recursive: true });
  });
}

/** What an operator can do to the exchange under test. */
export const newOperations = () => new AdminOperations(exchange, identity, exchange, 300_000);

interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

export async function ask(
  method: string,
  path: string,
  body?: unknown,
  token = TOKEN,
): Promise<Answer> {
  const response = await fetch(served.url + path, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: answer, headers: response.headers };
}

/** The answer without its headers. */
export async function told(method: string, path: string, body?: unknown, token?: string) {
  const { headers: _, ...answer } = await ask(method, path, body, token);
  return answer;
}

/** The answer with the given status to wrong parameters. */
export const invalid = (status: number, details: object) => ({
  status,
  body: { code: 40001, message: "Invalid parameters", details },
});

export const newUser = async (body: object = { name: "Ann" }) =>
  (await ask("POST", "/admin/v1/users", body)).body as {
    user_id: string;
    account_id: string;
    api_key: string;
    api_secret: string;
  };
