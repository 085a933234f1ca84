import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { ADMIN_TOKENS_FILE, AdminTokens } from "../../src/admin/admin-tokens.ts";
import { AdminOperations } from "../../src/admin/operations.ts";
import { createAdminRoutes } from "../../src/admin/routes.ts";
import { AccountFlag, CommandKind, SymbolState } from "../../src/core/command.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import { BODY_BYTES_MAX } from "../../src/gateway/http/request-body.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { ErrorCode } from "../../src/protocol/errors.ts";
import { ADMIN_ROLES, adminRoutes } from "../../src/protocol/schemas/admin.ts";
import { UnavailableError } from "../../src/router/control.ts";
import { serveRoutes } from "../gateway/http/route-server.ts";
import { FakeExchange } from "./fake-exchange.ts";

const TOKEN = "admin-token";

let dir: string;
let identity: IdentityStore;
let exchange: FakeExchange;
let tokens: AdminTokens;
let served: ReturnType<typeof serveRoutes>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "admin-"));
  identity = await IdentityStore.open(join(dir, IDENTITY_FILE));
  exchange = new FakeExchange();
  tokens = new AdminTokens(dir, TOKEN);
  const operations = new AdminOperations(exchange, identity, exchange, 300_000);

  served = serveRoutes([createAdminRoutes({ ...exchange, tokens, operations })]);
});

afterEach(async () => {
  await served[Symbol.asyncDispose]();
  await identity.close();
  rmSync(dir, { recursive: true });
});

interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

async function ask(method: string, path: string, body?: unknown, token = TOKEN): Promise<Answer> {
  const response = await fetch(served.url + path, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: answer, headers: response.headers };
}

/** The answer without its headers. */
async function told(method: string, path: string, body?: unknown, token?: string) {
  const { headers: _, ...answer } = await ask(method, path, body, token);
  return answer;
}

/** What is answered, with that status, to parameters that are wrong. */
const invalid = (status: number, details: object) => ({
  status,
  body: { code: 40001, message: "Invalid parameters", details },
});

const newUser = async (body: object = { name: "Ann" }) =>
  (await ask("POST", "/admin/v1/users", body)).body as {
    user_id: string;
    account_id: string;
    api_key: string;
    api_secret: string;
  };

test("of two operators who give one user another password at once, one is refused and nothing is on record of him", async () => {
  const passwordHash = await identity.passwords.hashing.hash("first password", "home");
  const ann = { name: "ann", permissions: ["trade"] as const, accountNumber: 1, passwordHash };
  await identity.createUser(ann);
  const operations = new AdminOperations(exchange, identity, exchange, 300_000);
  const reset = () => operations.resetPassword("usr_1");
  const settled = await Promise.allSettled([reset(), reset()]);
  const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const issue = expect.stringContaining("changed by somebody else");
  expect(refused.map(({ body }) => body.details)).toEqual([{ field: "id", issue }]);
  const [password = ""] = settled.flatMap((one) =>
    one.status === "fulfilled" ? [one.value.password] : [],
  );
  expect(await identity.passwords.verify("ann", password, "home")).not.toBeNull();
  expect(exchange.commands).toEqual([
    { kind: CommandKind.NOTE, text: "user.password_reset usr_1" },
  ]);
});

test("what the disk does not take is told with what to do about it", async () => {
  const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  using _ = spyOn(identity, "createUser").mockRejectedValue(full);
  const body = { name: "Ann", cash: 50, positions: { SYMBOL_1: 7 } };
  expect(await told("POST", "/admin/v1/users", body)).toMatchObject({
    status: 503,
    body: { code: 50700, message: expect.stringContaining("Free space on this file system") },
  });
  // Nobody owns the account that was made for the user: it is left with nothing.
  expect(exchange.commands.slice(-3)).toEqual([
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: -50 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 1, amount: -7 },
    { kind: CommandKind.NOTE, text: "user.refused usr_1" },
  ]);
});

test("what takes away works until a restart where the disk does not take it, and the answer says so; what gives does not", async () => {
  const passwordHash = await identity.passwords.hashing.hash("first password", "home");
  const ann = { name: "ann", permissions: ["trade"] as const, accountNumber: 1, passwordHash };
  await identity.createUser(ann);
  const [revoked, expired] = [await identity.createKey(1), await identity.createKey(1)];
  const { body: token } = await ask("POST", "/admin/v1/admin-tokens", {
    name: "bob",
    role: "read",
  });
  await using sql = new SQL({ adapter: "sqlite", filename: join(dir, IDENTITY_FILE) });
  for (const table of ["users", "api_keys", "passwords"]) {
    await sql.unsafe(`CREATE TRIGGER full_${table} BEFORE UPDATE ON ${table}
      BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
  }
  // No file can be put in the place of a directory.
  rmSync(join(dir, ADMIN_TOKENS_FILE));
  mkdirSync(join(dir, ADMIN_TOKENS_FILE));
  writeFileSync(join(dir, ADMIN_TOKENS_FILE, "full"), "");
  const asked: [string, string, string, string, object?][] = [
    ["DELETE", `keys/${revoked.api_key}`, "The key .* is revoked", "key.revoke usr_1 .*"],
    [
      "PATCH",
      `keys/${expired.api_key}`,
      "The end of .* is set",
      "key.expire usr_1 .* 5",
      { expires_at: 5 },
    ],
    [
      "POST",
      "users/usr_1/password",
      "The old password of usr_1 logs nobody in",
      "user.password_reset usr_1",
    ],
    ["POST", "users/usr_1/disable", "usr_1 is disabled", "user.disable usr_1"],
    ["DELETE", "admin-tokens/bob", "The admin token bob is revoked", "admin-token.revoke bob"],
  ];
  for (const [method, path, done, text, body] of asked) {
    expect(await told(method, `/admin/v1/${path}`, body)).toMatchObject({
      status: 503,
      body: {
        code: 50700,
        message: expect.stringMatching(
          new RegExp(
            `^${done}, but only until a restart, .* did not take it\\. .*, and do it again$`,
          ),
        ),
      },
    });
    expect(exchange.commands.slice(-1)).toEqual([
      {
        kind: CommandKind.NOTE,
        text: expect.stringMatching(new RegExp(`^${text} until a restart$`)),
      },
    ]);
  }
  const logsIn = ({ api_key, api_secret }: typeof revoked) =>
    identity.verifySecret(api_key, api_secret, 7).ok;
  expect([revoked, expired].map(logsIn)).toEqual([false, false]);
  expect(await identity.passwords.verify("ann", "first password", "home")).toBeNull();
  expect(tokens.operatorOf(String(token.token))).toBeNull();
  const given = [
    await told("POST", "/admin/v1/users/usr_1/enable"),
    await told("PATCH", `/admin/v1/keys/${expired.api_key}`, { expires_at: null }),
  ];
  expect(given.map(({ status }) => status)).toEqual([500, 500]);
  expect(identity.user(1)?.disabledAt).toBeNumber();
  expect([revoked, expired].map(logsIn)).toEqual([false, false]);
});

test("an exchange that has too much to do for the note on a new user takes his deposits back", async () => {
  const submit = exchange.submit.bind(exchange);
  const overloaded = new UnavailableError(ErrorCode.OVERLOADED, "overloaded");
  using _ = spyOn(exchange, "submit").mockImplementation((command) =>
    command.text?.startsWith("key.create") ? Promise.reject(overloaded) : submit(command),
  );
  const body = { name: "Ann", cash: 50 };
  expect(await told("POST", "/admin/v1/users", body)).toMatchObject({ status: 503 });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.OPEN_ACCOUNT, account: 1, actor: 1 },
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: 50 },
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: -50 },
    { kind: CommandKind.NOTE, text: "user.refused usr_1" },
  ]);
  expect(identity.users()).toEqual([]);
});

test("a new user: account, deposits and the key on record, and a login that works", async () => {
  const user = await newUser({
    name: "Ann",
    cash: 1_000_000,
    positions: { SYMBOL_1: 100, SYMBOL_2: 0 },
    permissions: ["trade"],
    rate_limits: { burst_limit: 50 },
  });
  expect(user).toEqual({
    user_id: "usr_1",
    account_id: "acc_1",
    api_key: expect.stringMatching(/^ak_/),
    api_secret: expect.stringMatching(/^sk_/),
  });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.OPEN_ACCOUNT, account: 1, actor: 1 },
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: 1_000_000 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 1, amount: 100 },
    { kind: CommandKind.NOTE, text: `key.create usr_1 ${user.api_key}` },
  ]);
  expect(identity.verifySecret(user.api_key, user.api_secret, 0)).toEqual({
    ok: true,
    user: {
      number: 1,
      name: "Ann",
      permissions: ["trade"],
      rateLimits: { burst_limit: 50 },
      accounts: [1],
      createdAt: expect.any(Number),
      disabledAt: null,
    },
    key: {
      apiKey: user.api_key,
      userNumber: 1,
      permissions: ["trade"],
      createdAt: expect.any(Number),
      expiresAt: null,
      revokedAt: null,
      allowedAddresses: [],
    },
  });
});

test("users created at the same time get accounts of their own", async () => {
  const operations = new AdminOperations(exchange, identity, exchange, 300_000);
  const body = { permissions: ["trade" as const], cash: 5 };
  const created = await Promise.all(
    ["a", "b", "c"].map((name) => operations.createUser({ name, ...body })),
  );
  expect(created.map(({ user_id, account_id }) => [user_id, account_id])).toEqual([
    ["usr_1", "acc_1"],
    ["usr_2", "acc_2"],
    ["usr_3", "acc_3"],
  ]);
  expect(identity.users().map(({ name, accounts }) => [name, accounts])).toEqual([
    ["a", [1]],
    ["b", [2]],
    ["c", [3]],
  ]);
});

test("every fault of a new user is named, and nothing is done", async () => {
  const answer = await told("POST", "/admin/v1/users", {
    name: "",
    cash: -1,
    positions: { SYMBOL_1: 1.5 },
    permissions: ["trade", "trade"],
    colour: "red",
  });
  const issues = [
    { field: "colour", issue: "Unknown parameter" },
    {
      field: "name",
      issue: "Name must be printable text of 1 to 64 characters, without a space at either end",
      got: '""',
    },
    { field: "permissions", issue: "Must not name anything twice" },
    { field: "cash", issue: "Cash must be non-negative integer", got: "-1" },
    {
      field: "positions.SYMBOL_1",
      issue: "SYMBOL_1 must be non-negative integer",
      got: "1.5",
    },
  ];
  expect(answer).toEqual(invalid(400, { ...issues[0], issues }));
  expect(await told("POST", "/admin/v1/users", "")).toEqual(
    invalid(400, { field: "name", issue: "Required" }),
  );
  expect(exchange.commands).toEqual([]);
  expect(identity.users()).toEqual([]);
});

test("unknown symbols are all named before anything is done", async () => {
  const positions = { SYMBOL_1: 1, SYMBOL_7: 1, SYMBOL_8: 0 };
  const issues = [
    { field: "positions.SYMBOL_7", issue: "There is no such symbol" },
    { field: "positions.SYMBOL_8", issue: "There is no such symbol" },
  ];
  expect(await told("POST", "/admin/v1/users", { name: "Ann", positions })).toEqual({
    status: 404,
    body: { code: 40003, message: "Unknown symbol", details: { ...issues[0], issues } },
  });
  expect(exchange.commands).toEqual([]);
});

test("a refused first deposit leaves no user, and the account as empty as it was", async () => {
  exchange.answer = ({ kind }) =>
    kind === CommandKind.DEPOSIT_SHARES
      ? { code: Reject.CAPACITY, detail: CapacityLimit.POSITIONS }
      : undefined;
  const body = { name: "Ann", cash: 50, positions: { SYMBOL_1: 7 } };
  expect(await told("POST", "/admin/v1/users", body)).toEqual({
    status: 409,
    body: {
      code: 40910,
      message: "Capacity limit reached",
      details: { field: "positions.SYMBOL_1", issue: "The limit of positions is reached" },
    },
  });
  expect(exchange.commands.at(-1)).toEqual({
    kind: CommandKind.DEPOSIT_CASH,
    account: 1,
    amount: -50,
  });
  expect(identity.users()).toEqual([]);
});

test("an account that the core refuses makes no user", async () => {
  exchange.answer = () => ({ code: Reject.INVALID_PARAMETER, detail: InvalidField.ACCOUNT });
  const answer = await told("POST", "/admin/v1/users", { name: "Ann" });
  expect(answer.status).toBe(400);
  expect(answer.body.details).toEqual({
    field: "account",
    issue: "The exchange refused its account",
  });
  expect(identity.users()).toEqual([]);
});

const listedKey = (api_key: string, more: object = {}) => ({
  api_key,
  user_id: "usr_1",
  permissions: ["trade", "market_data"],
  created_at: expect.any(Number),
  expires_at: null,
  revoked_at: null,
  allowed_addresses: [],
  ...more,
});

test("the list of users shows keys, and no secret", async () => {
  const user = await newUser();
  const { status, body } = await told("GET", "/admin/v1/users");
  expect(status).toBe(200);
  expect(body).toEqual({
    users: [
      {
        user_id: "usr_1",
        name: "Ann",
        account_ids: ["acc_1"],
        permissions: ["trade", "market_data"],
        rate_limits: {},
        created_at: expect.any(Number),
        disabled_at: null,
        keys: [listedKey(user.api_key)],
      },
    ],
  });
});

test("one more key, with fewer permissions and an end", async () => {
  await newUser();
  const body = { permissions: ["market_data"], expires_at: 4_000_000_000_000 };
  const answer = await ask("POST", "/admin/v1/users/usr_1/keys", body);
  const { api_key, api_secret } = answer.body as { api_key: string; api_secret: string };
  expect(answer.body).toEqual({ user_id: "usr_1", api_key, api_secret });
  expect(exchange.commands.at(-1)).toEqual({
    kind: CommandKind.NOTE,
    text: `key.create usr_1 ${api_key}`,
  });
  const login = identity.verifySecret(api_key, api_secret, 3_999_999_999_999);
  expect(login.ok && login.key.permissions).toEqual(["market_data"]);
  expect(identity.verifySecret(api_key, api_secret, 4_000_000_000_000).ok).toBe(false);
});

const MUST_BE_TIME = "Expires at must be non-negative integer up to 8640000000000000";
const unknownUser = (id: string) => ({ field: "id", issue: `There is no user ${id}` });

test.each([
  [
    "usr_1",
    { permissions: ["admin"] },
    { field: "permissions", issue: "usr_1 does not have admin" },
  ],
  ["usr_1", { expires_at: 1 }, { field: "expires_at", issue: "Must be in the future, got 1" }],
  [
    "usr_1",
    { expires_at: 8.64e15 + 1 },
    { field: "expires_at", issue: MUST_BE_TIME, got: "8640000000000001" },
  ],
  ["usr_2", {}, unknownUser("usr_2")],
  ["ann", {}, unknownUser("ann")],
])("a refused key for %s: %j", async (id, body, details) => {
  await newUser();
  const before = exchange.commands.length;
  expect(await told("POST", `/admin/v1/users/${id}/keys`, body)).toEqual(
    invalid(id === "usr_1" ? 400 : 404, details),
  );
  expect(exchange.commands.length).toBe(before);
});

test("a key that may be used from some addresses only, and the list of a user's keys", async () => {
  const { api_key } = await newUser();
  const allowed_addresses = ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"];
  const created = await told("POST", "/admin/v1/users/usr_1/keys", { allowed_addresses });
  const second = (created.body as { api_key: string }).api_key;
  expect(await told("GET", "/admin/v1/users/usr_1/keys")).toEqual({
    status: 200,
    body: { keys: [listedKey(api_key), listedKey(second, { allowed_addresses })] },
  });
  expect((await ask("GET", "/admin/v1/users/usr_2/keys")).status).toBe(404);
});

test.each([["10.0.0.0/33"], ["localhost"], [""], ["fe80::1%eth0"], [7]])(
  "a key from %p is refused",
  async (address) => {
    await newUser();
    const body = { allowed_addresses: ["192.0.2.1", address] };
    expect(await told("POST", "/admin/v1/users/usr_1/keys", body)).toEqual(
      invalid(400, {
        field: "allowed_addresses.1",
        issue:
          "Allowed addresses item must be a network or an address such as 192.0.2.0/24, 2001:db8::/32 or 192.0.2.1",
        got: JSON.stringify(address),
      }),
    );
  },
);

test("a key's end is set, at once where it is past, and taken back, on record", async () => {
  const { api_key, api_secret } = await newUser();
  const path = `/admin/v1/keys/${api_key}`;
  for (const expires_at of [1, 4_000_000_000_000, null]) {
    expect(await told("PATCH", path, { expires_at })).toEqual({
      status: 200,
      body: listedKey(api_key, { expires_at }),
    });
    expect(exchange.commands.at(-1)).toEqual({
      kind: CommandKind.NOTE,
      text: `key.expire usr_1 ${api_key} ${expires_at ?? "never"}`,
    });
    const isGood = expires_at !== 1;
    expect(identity.verifySecret(api_key, api_secret, 2).ok).toBe(isGood);
  }
  expect((await ask("PATCH", path, {})).status).toBe(400);
  expect((await ask("PATCH", path, { expires_at: "x" })).status).toBe(400);
  expect((await ask("PATCH", "/admin/v1/keys/ak_0", { expires_at: null })).status).toBe(404);
});

test("a user is disabled and enabled, on record", async () => {
  const { api_key, api_secret } = await newUser();
  for (const [what, disabled_at] of [
    ["disable", expect.any(Number)],
    ["enable", null],
  ]) {
    const { status, body } = await told("POST", `/admin/v1/users/usr_1/${what}`, {});
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ user_id: "usr_1", disabled_at }),
    ]);
    expect(exchange.commands.at(-1)).toEqual({
      kind: CommandKind.NOTE,
      text: `user.${what} usr_1`,
    });
    expect(identity.verifySecret(api_key, api_secret, 0).ok).toBe(what === "enable");
  }
  expect((await ask("POST", "/admin/v1/users/usr_9/disable", {})).status).toBe(404);
});

test("a key does not work before it is on record", async () => {
  await newUser();
  exchange.answer = () => {
    throw new UnavailableError(50700, "the journal cannot be written");
  };
  const answer = await ask("POST", "/admin/v1/users/usr_1/keys", {});
  expect(answer.status).toBe(503);
  expect(answer.body).toEqual({ code: 50700, message: "the journal cannot be written" });
  expect(answer.headers.get("Retry-After")).toBeNull();
  expect(identity.keysOf(1).length).toBe(1);
});

test("a key is revoked at once, on record, and as often as one asks", async () => {
  const { api_key, api_secret } = await newUser();
  const first = await told("DELETE", `/admin/v1/keys/${api_key}`);
  expect(first).toEqual({
    status: 200,
    body: listedKey(api_key, { revoked_at: expect.any(Number) }),
  });
  expect(exchange.commands.at(-1)).toEqual({
    kind: CommandKind.NOTE,
    text: `key.revoke usr_1 ${api_key}`,
  });
  expect(identity.verifySecret(api_key, api_secret, 0)).toEqual({ ok: false, code: 40102 });
  expect(await told("DELETE", `/admin/v1/keys/${api_key}`)).toEqual(first);
  expect(await told("DELETE", "/admin/v1/keys/ak_none")).toEqual(
    invalid(404, { field: "key", issue: "There is no key ak_none" }),
  );
});

test("a key is revoked also while the exchange takes no commands", async () => {
  const { api_key, api_secret } = await newUser();
  exchange.answer = () => {
    throw new UnavailableError(50300, "the ring is full");
  };
  const answer = await ask("DELETE", `/admin/v1/keys/${api_key}`);
  expect(answer.status).toBe(503);
  expect(answer.body).toEqual({
    code: 50300,
    message: "the ring is full",
    details: { retry_after_ms: 1_000 },
  });
  expect(answer.headers.get("Retry-After")).toBe("1");
  expect(identity.verifySecret(api_key, api_secret, 0)).toEqual({ ok: false, code: 40102 });
});

test("a deposit tells the new totals", async () => {
  await newUser();
  const before = exchange.commands.length;
  const body = { cash: -500, positions: { SYMBOL_0: 3, SYMBOL_2: -4 } };
  expect(await told("POST", "/admin/v1/accounts/acc_1/deposit", body)).toEqual({
    status: 200,
    body: { account_id: "acc_1", cash: -500, positions: { SYMBOL_0: 3, SYMBOL_2: -4 } },
  });
  expect(exchange.commands.slice(before)).toEqual([
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: -500 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 0, amount: 3 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 2, amount: -4 },
  ]);
});

test("a deposit that is refused in part is taken back, and what cannot be is named", async () => {
  await newUser();
  const before = exchange.commands.length;
  exchange.answer = ({ kind, symbol, amount = 0 }) => {
    if (kind === CommandKind.DEPOSIT_CASH) {
      return { code: Reject.INSUFFICIENT_FUNDS, because: [500, 20] };
    }
    if (symbol === 2 && amount < 0) return { code: Reject.INSUFFICIENT_SHARES, because: [4, 0] };
    return undefined;
  };
  const body = { cash: -500, positions: { SYMBOL_1: 3, SYMBOL_2: 4 } };
  const lacking = { issue: "More than is available", needed: 500, available: 20 };
  expect(await told("POST", "/admin/v1/accounts/acc_1/deposit", body)).toEqual({
    status: 409,
    body: {
      code: 40906,
      message: "Insufficient funds",
      details: { field: "cash", ...lacking, kept: ["positions.SYMBOL_2"] },
    },
  });
  expect(exchange.commands.slice(before + 3)).toEqual([
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 1, amount: -3 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 2, amount: -4 },
  ]);
});

test("a deposit that finds the ring full half-way is taken back", async () => {
  await newUser();
  const before = exchange.commands.length;
  exchange.answer = ({ kind }) => {
    if (kind === CommandKind.DEPOSIT_SHARES) throw new UnavailableError(50300, "the ring is full");
    return undefined;
  };
  const body = { cash: 500, positions: { SYMBOL_1: 3 } };
  expect(await told("POST", "/admin/v1/accounts/acc_1/deposit", body)).toEqual({
    status: 503,
    body: {
      code: 50300,
      message: "Overloaded, retry",
      details: { field: "positions.SYMBOL_1", issue: "the ring is full", retry_after_ms: 1_000 },
    },
  });
  expect(exchange.commands.slice(before + 2)).toEqual([
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: -500 },
  ]);
});

test.each([
  ["acc_1", {}, 400, "cash", "Give cash or positions, other than 0"],
  [
    "acc_1",
    { cash: 0, positions: { SYMBOL_1: 0 } },
    400,
    "cash",
    "Give cash or positions, other than 0",
  ],
  ["acc_2", { cash: 1 }, 404, "id", "There is no account acc_2"],
  ["usr_1", { cash: 1 }, 404, "id", "There is no account usr_1"],
])("a refused deposit to %s: %j", async (id, body, status, field, issue) => {
  await newUser();
  const before = exchange.commands.length;
  expect(await told("POST", `/admin/v1/accounts/${id}/deposit`, body)).toEqual(
    invalid(status, { field, issue }),
  );
  expect(exchange.commands.length).toBe(before);
});

test("a change of several symbols that stops half way says how many are changed", async () => {
  const failing = async (answer: typeof exchange.answer): Promise<unknown> => {
    exchange.answer = answer;
    const body = { all: true, state: "HALTED" };
    const { body: told } = await ask("POST", "/admin/v1/symbols/state", body);
    return [told.code, told.details];
  };
  const full = new UnavailableError(ErrorCode.OVERLOADED, "the ring is full");
  expect(
    await failing(({ symbol }) => {
      if (symbol === 2) throw full;
      return undefined;
    }),
  ).toEqual([
    50300,
    {
      field: "symbol",
      issue: "2 of 3 symbols are changed, then: the ring is full",
      retry_after_ms: 1000,
    },
  ]);
  const refused = { code: Reject.INVALID_PARAMETER, detail: InvalidField.STATE };
  expect(await failing(({ symbol }) => (symbol === 1 ? refused : undefined))).toEqual([
    40001,
    {
      field: "symbol",
      issue: "2 of 3 symbols are changed, of another: The exchange refused its state",
    },
  ]);
  expect(await failing(() => refused)).toEqual([
    40001,
    { field: "symbol", issue: "The exchange refused its state" },
  ]);
});

test.each([
  ["halt", "HALTED"],
  ["resume", "TRADING"],
  ["cancel-only", "CANCEL_ONLY"],
  ["pre-open", "PRE_OPEN"],
  ["auction", "AUCTION"],
] as const)("symbol %s", async (action, state) => {
  expect(await told("POST", `/admin/v1/symbols/SYMBOL_2/${action}`)).toEqual({
    status: 200,
    body: { symbol: "SYMBOL_2", state, tick: 9 },
  });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.SET_SYMBOL_STATE, symbol: 2, quantity: SymbolState[state] },
  ]);
  expect(await told("POST", `/admin/v1/symbols/SYMBOL_3/${action}`)).toEqual({
    status: 404,
    body: {
      code: 40003,
      message: "Unknown symbol",
      details: { field: "symbol", issue: "There is no symbol SYMBOL_3" },
    },
  });
});

test.each([
  [{ may_short: true }, AccountFlag.MAY_SHORT, 0, 0],
  [{ fees: { maker_bps: -20, taker_bps: 30 } }, AccountFlag.OWN_FEES, -20, 30],
  [{ fees: { maker_bps: 0, taker_bps: 0 } }, AccountFlag.OWN_FEES, 0, 0],
  [{}, 0, 0, 0],
])("the settings of an account: %j", async (body, flags, price, quantity) => {
  await newUser();
  exchange.commands.length = 0;
  expect(await told("POST", "/admin/v1/accounts/acc_1/settings", body)).toEqual({
    status: 200,
    body: { account_id: "acc_1", tick: 9 },
  });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.SET_ACCOUNT, account: 1, flags, price, quantity },
  ]);
});

test.each([
  [{}, 0, 0, 0, 0],
  [{ open_orders: 5, ladder_pages: 6, positions: 7, client_order_ids: 8 }, 5, 6, 7, 8],
  [{ ladder_pages: 65_535 }, 0, 65_535, 0, 0],
])("the limits of an account: %j", async (body, quantity, price, stopPrice, amount) => {
  await newUser();
  exchange.commands.length = 0;
  expect(await told("POST", "/admin/v1/accounts/acc_1/limits", body)).toEqual({
    status: 200,
    body: { account_id: "acc_1", tick: 9 },
  });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.SET_SHARES, account: 1, quantity, price, stopPrice, amount },
  ]);
  expect(await told("POST", "/admin/v1/accounts/acc_9/limits", body)).toMatchObject({
    status: 404,
  });
  const beyond = { ladder_pages: 65_536 };
  expect(await told("POST", "/admin/v1/accounts/acc_1/limits", beyond)).toMatchObject({
    status: 400,
    body: { code: 40001, details: { field: "ladder_pages" } },
  });
});

test("an account is traced for a time, and no longer; too many are refused", async () => {
  await newUser();
  const trace = (id: string, body: object) => told("POST", `/admin/v1/accounts/${id}/trace`, body);
  expect(await trace("acc_1", { on: true, seconds: 60 })).toEqual({
    status: 200,
    body: { account_id: "acc_1", on: true, until: 1_700_000_060_000 },
  });
  expect(exchange.traced).toEqual(new Map([[1, 60_000]]));
  await trace("acc_1", { on: true });
  expect(exchange.traced).toEqual(new Map([[1, 600_000]]));
  await newUser();
  await newUser();
  await trace("acc_2", { on: true });
  const journaled = exchange.commands.length;
  expect(await trace("acc_3", { on: true })).toEqual({
    status: 409,
    body: { code: 40910, message: "16 accounts are traced, the most at once: end a trace first" },
  });
  expect(await trace("acc_1", { on: false })).toMatchObject({ body: { on: false, until: null } });
  expect([...exchange.traced.keys()]).toEqual([2]);
  expect(await trace("acc_9", { on: true })).toMatchObject({ status: 404, body: { code: 40001 } });
  expect(await trace("acc_1", { on: true, seconds: 0 })).toMatchObject({ status: 400 });
  expect(exchange.commands.length).toBe(journaled);
});

test.each(["acc_2", "usr_1"])("the settings of %s, which is no account", async (id) => {
  await newUser();
  exchange.commands.length = 0;
  expect(await told("POST", `/admin/v1/accounts/${id}/settings`, {})).toEqual(
    invalid(404, { field: "id", issue: `There is no account ${id}` }),
  );
  expect(exchange.commands).toEqual([]);
});

test("the operator cancels anybody's order, on whatever symbol", async () => {
  const id = `ord_${5 * 2 ** 21 + 3}`;
  const order = {
    order_id: id,
    symbol: "SYMBOL_1",
    side: "BUY" as const,
    type: "LIMIT" as const,
    time_in_force: "GTC" as const,
    price: 150,
    quantity: 10,
    filled_quantity: 0,
    status: "CANCELLED" as const,
    reason: "OPERATOR" as const,
    created_at: 1_700_000_000_000,
    timestamp: 1_700_000_000_000,
    tick: 9,
  };
  expect(await told("POST", `/admin/v1/orders/${id}/cancel`)).toEqual({
    status: 200,
    body: order,
  });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.CANCEL, account: 0, symbol: -1, orderSlot: 3, orderGeneration: 5 },
  ]);
});

test("an order that is done or never was", async () => {
  for (const id of ["7", "ord_", "ord_x", "ord_0", `ord_${2 ** 21}`, "ord_9007199254740992"]) {
    const answer = await told("POST", `/admin/v1/orders/${id}/cancel`);
    expect([answer.status, answer.body.code]).toEqual([404, 40004]);
  }
  expect(exchange.commands).toEqual([]);
  exchange.answer = () => ({ code: Reject.UNKNOWN_ORDER });
  expect(await told("POST", "/admin/v1/orders/ord_3/cancel")).toEqual({
    status: 404,
    body: {
      code: 40004,
      message: "Unknown order",
      details: { field: "id", issue: "There is no order ord_3, or no longer" },
    },
  });
});

test("state is what the exchange says", async () => {
  expect(await told("GET", "/admin/v1/state")).toEqual({
    status: 200,
    body: (await exchange.state()) as Record<string, unknown>,
  });
});

test("nobody gets in without the token, wherever they knock", async () => {
  for (const path of ["/admin/v1/users", "/admin/v1/nothing"]) {
    for (const token of ["", "wrong", `${TOKEN}x`]) {
      const answer = await ask("GET", path, undefined, token);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        code: 40100,
        message: "Admin token missing, wrong or revoked",
      });
      expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
    }
  }
});

test.each([
  ["DELETE", "/admin/v1/users", "GET, HEAD, POST, OPTIONS"],
  ["GET", "/admin/v1/keys/ak_1", "PATCH, DELETE, OPTIONS"],
  ["GET", "/admin/v1/symbols/SYMBOL_1/halt", "POST, OPTIONS"],
  ["POST", "/admin/v1/state", "GET, HEAD, OPTIONS"],
])("%s %s is the wrong method", async (method, path, allow) => {
  const answer = await ask(method, path);
  expect(answer.status).toBe(405);
  expect(answer.body).toEqual({ code: 40002, message: `Use ${allow} here` });
  expect(answer.headers.get("Allow")).toBe(allow);
});

test.each([
  ["GET", "/admin/v1/"],
  ["GET", "/admin/v1/users/"],
  ["POST", "/admin/v1/users/usr_1/x/keys"],
  ["POST", "/admin/v1/symbols//halt"],
  ["GET", "/admin/v2/users"],
])("%s %s is not there", async (method, path) => {
  expect(await told(method, path)).toEqual({
    status: 404,
    body: { code: 40002, message: `There is no ${path}` },
  });
});

test("every published route is served", () => {
  const operations = new AdminOperations(exchange, identity, exchange, 300_000);
  const { routes } = createAdminRoutes({ ...exchange, tokens, operations });
  expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
    Object.keys(adminRoutes).toSorted(),
  );
});

test.each([
  ["POST", "/admin/v1/accounts/acc_1/orders/cancel?symbol=SYMBOL_1", "symbol", {}],
  ["POST", "/admin/v1/accounts/acc_1/deposit?cash=5", "cash", {}],
  ["POST", "/admin/v1/symbols/SYMBOL_1/halt?until=5", "until", undefined],
])("what stands in the query of %s %s is not lost silently", async (method, path, field, body) => {
  expect(await told(method, path, body)).toEqual(
    invalid(400, { field, issue: "Must be in the body, not in the query" }),
  );
  expect(exchange.commands).toEqual([]);
});

test.each(["/admin/v1/users?x=1", "/admin/v1/actions?x=1"])(
  "GET %s asks too much",
  async (path) => {
    const details = { field: "x", issue: "Unknown parameter" };
    expect(await told("GET", path)).toMatchObject({ status: 400, body: { code: 40001, details } });
  },
);

test("a route that takes nothing refuses what it is given", async () => {
  expect(await told("POST", "/admin/v1/symbols/SYMBOL_1/halt", { until: 5 })).toEqual(
    invalid(400, { field: "until", issue: "Unknown parameter" }),
  );
  expect(exchange.commands).toEqual([]);
});

test("a snapshot is taken, and there is nothing to push without an archive", async () => {
  expect(await told("POST", "/admin/v1/snapshot")).toMatchObject({
    status: 200,
    body: { tick: 9, file: "snapshot" },
  });
  expect(await told("POST", "/admin/v1/archive/push")).toEqual({
    status: 404,
    body: { code: 40002, message: 'There is no archive: persistence.backend is "local"' },
  });
});

test("a snapshot that fails says why with 503; one that has to wait, when to come back", async () => {
  exchange.housekeeping.takeSnapshot = () =>
    Promise.reject(new Error("the process ended with SIGKILL"));
  expect(await told("POST", "/admin/v1/snapshot")).toEqual({
    status: 503,
    body: { code: 50000, message: "No snapshot: the process ended with SIGKILL" },
  });
  const overloaded = new UnavailableError(ErrorCode.OVERLOADED, "overloaded");
  exchange.housekeeping.takeSnapshot = () => Promise.reject(overloaded);
  expect(await told("POST", "/admin/v1/snapshot")).toEqual({
    status: 503,
    body: { code: 50300, message: "overloaded", details: { retry_after_ms: 1_000 } },
  });
  expect(served.bugs).toEqual([]);
});

describe("the audit", () => {
  /** Asks for a page of an audit that shows what it was asked. */
  async function auditPage(query: string): Promise<{ status: number; body: unknown }> {
    exchange.audit.page = async (from, limit, signal) =>
      JSON.stringify([from, limit, signal.aborted]);
    const response = await fetch(`${served.url}/admin/v1/audit${query}`, {
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    expect(response.headers.get("Content-Type")).toStartWith("application/json");
    return { status: response.status, body: await response.json() };
  }

  test("is asked for a page", async () => {
    expect(await auditPage("")).toEqual({ status: 200, body: [1, 100, false] });
    expect(await auditPage("?from_seq=9007199254740991&limit=1000")).toEqual({
      status: 200,
      body: [9_007_199_254_740_991, 1000, false],
    });
  });

  test("refuses what it does not understand, every fault named", async () => {
    const from = "From seq must be non-negative integer";
    const limit = "Limit must be positive integer";
    for (const [query, first, most] of [
      ["?from_seq=1.5&limit=1001", '"1.5"', { issue: `${limit} up to 1000`, got: "1001" }],
      ["?from_seq=1e3&limit=0", '"1e3"', { issue: limit, got: "0" }],
      ["?from_seq=-1&limit=x", "-1", { issue: limit, got: '"x"' }],
    ] as const) {
      const issues = [
        { field: "colour", issue: "Unknown parameter" },
        { field: "from_seq", issue: from, got: first },
        { field: "limit", ...most },
      ];
      expect(await auditPage(`${query}&colour=red`)).toEqual(
        invalid(400, { ...issues[0], issues }),
      );
    }
  });
});

test.each(["{", "nonsense", "[]", "null", "7", '"text"'])("body %s is no object", async (body) => {
  const answer = await told("POST", "/admin/v1/users", body);
  expect([answer.status, answer.body.code]).toEqual([400, 40000]);
});

test("a body beyond the limit is refused, one at the limit is read", async () => {
  const name = (length: number) => `{"name":${" ".repeat(length - 14)}"Ann"}`;
  expect((await told("POST", "/admin/v1/users", name(BODY_BYTES_MAX))).status).toBe(200);
  expect(await told("POST", "/admin/v1/users", name(BODY_BYTES_MAX + 1))).toEqual(
    invalid(413, { field: "body", issue: "Must have at most 1048576 bytes" }),
  );
  expect(identity.users().length).toBe(1);
});

test("what nobody foresaw is reported inside and says nothing outside", async () => {
  const surprise = new Error("secret detail");
  exchange.answer = () => {
    throw surprise;
  };
  expect(await told("POST", "/admin/v1/symbols/SYMBOL_1/halt")).toEqual({
    status: 500,
    body: { code: 50000, message: "Internal error" },
  });
  expect(served.bugs).toEqual([surprise]);
});

describe("roles", () => {
  const NEEDED = Object.entries(adminRoutes).map(([name, { role }]) => [name, role] as const);
  const url = (path: string) => path.replace(/:[a-z]+/g, "nobody");

  test.each(NEEDED)("%s takes %s", async (name, needed) => {
    const [method = "", path = ""] = name.split(" ");
    for (const role of ["read", "operate", "money"] as const) {
      const { token } = await tokens.create({ name: role, role }, 1, async () => undefined);
      // A body that is wrong everywhere: a token that reaches hears of that, another one only that it does not.
      const body = method === "GET" || method === "DELETE" ? undefined : { nothing: 1 };
      const { status, body: answer } = await ask(method, url(path), body, token);
      const isReached = ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(needed);
      expect([role, status === 403]).toEqual([role, !isReached]);
      if (isReached) continue;
      expect(answer).toEqual({
        code: 40300,
        message: `The admin token ${role} has the role ${role}; this takes the role ${needed}`,
      });
    }
    expect(exchange.commands).toEqual([]);
  });

  test("the table says what the roles are for", () => {
    const of = (role: string) => NEEDED.filter(([, needed]) => needed === role);
    expect(of("read").every(([name]) => name.startsWith("GET "))).toBe(true);
    expect(of("money").map(([name]) => name)).toEqual([
      "POST /admin/v1/accounts/:id/deposit",
      "POST /admin/v1/accounts/:id/settings",
    ]);
    expect(of("root").every(([name]) => / \/admin\/v1\/(admin-tokens|backup)/.test(name))).toBe(
      true,
    );
  });

  test("a user who begins with money takes the role money, one without does not", async () => {
    const { token } = await tokens.create(
      { name: "ops", role: "operate" },
      1,
      async () => undefined,
    );
    for (const given of [{ cash: 1 }, { positions: { SYMBOL_1: 1 } }]) {
      expect((await ask("POST", "/admin/v1/users", { name: "x", ...given }, token)).status).toBe(
        403,
      );
    }
    expect(exchange.commands).toEqual([]);
    const empty = { name: "x", cash: 0, positions: { SYMBOL_1: 0 } };
    expect((await ask("POST", "/admin/v1/users", empty, token)).status).toBe(200);
    expect(new Set(exchange.askedBy)).toEqual(new Set(["ops"]));
  });

  test("a token is made, listed without its secret, works, and ends at once", async () => {
    const made = await told("POST", "/admin/v1/admin-tokens", { name: "ann", role: "operate" });
    expect(made).toEqual({
      status: 200,
      body: { name: "ann", role: "operate", token: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const token = String(made.body.token);
    expect((await ask("POST", "/admin/v1/symbols/SYMBOL_1/halt", {}, token)).status).toBe(200);
    const listing = await told("GET", "/admin/v1/admin-tokens", undefined, token);
    const ann = { name: "ann", role: "operate", created_at: expect.any(Number), revoked_at: null };
    expect(listing.body).toEqual({ tokens: [ann] });
    expect((await told("DELETE", "/admin/v1/admin-tokens/ann")).body).toEqual({
      ...ann,
      revoked_at: expect.any(Number),
    });
    expect((await ask("GET", "/admin/v1/users", undefined, token)).status).toBe(401);
    expect(
      exchange.commands.flatMap(({ text }, i) => (text ? [[text, exchange.askedBy[i]]] : [])),
    ).toEqual([
      ["admin-token.create ann operate", "root"],
      ["admin-token.revoke ann", "root"],
    ]);
    expect(exchange.askedBy).toEqual(["root", "ann", "root"]);
    expect((await told("DELETE", "/admin/v1/admin-tokens/bob")).status).toBe(404);
    for (const name of ["ann", "root"]) {
      expect(
        (await told("POST", "/admin/v1/admin-tokens", { name, role: "read" })).body,
      ).toMatchObject({
        code: 40001,
        details: { field: "name" },
      });
    }
    for (const name of ["", "a b", "é", "-a", "a".repeat(29)]) {
      expect((await told("POST", "/admin/v1/admin-tokens", { name, role: "read" })).status).toBe(
        400,
      );
    }
    expect(
      (await told("POST", "/admin/v1/admin-tokens", { name: "eve", role: "root" })).status,
    ).toBe(400);
  });
});
