import { expect, spyOn, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SQL } from "bun";
import { ADMIN_TOKENS_FILE } from "../../src/admin/admin-tokens.ts";
import { CommandKind } from "../../src/core/command.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import { IDENTITY_FILE } from "../../src/identity/identity-store.ts";
import { ErrorCode } from "../../src/protocol/errors.ts";
import { UnavailableError } from "../../src/router/control.ts";
import {
  ask,
  dir,
  exchange,
  identity,
  invalid,
  newOperations,
  newUser,
  tokens,
  told,
  useAdminApi,
} from "./admin-api.ts";

useAdminApi();

test("of two operators who give one user another password at once, one is refused and nothing is on record of him", async () => {
  const passwordHash = await identity.passwords.hashing.hash("first password", "home");
  const ann = { name: "ann", permissions: ["trade"] as const, accountNumber: 1, passwordHash };
  await identity.createUser(ann);
  const operations = newOperations();
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

test("while the disk takes no users, no accounts are opened for them", async () => {
  await newUser();
  const before = exchange.commands.length;
  const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  using _ = spyOn(identity, "expectWritable").mockRejectedValue(full);
  for (const [path, body] of [
    ["/admin/v1/users", { name: "Bob", cash: 50 }],
    ["/admin/v1/users/usr_1/accounts", { cash: 50 }],
  ] as const) {
    expect(await told("POST", path, body)).toMatchObject({ status: 503, body: { code: 50700 } });
  }
  expect(exchange.commands).toHaveLength(before);
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
            `^${done}, but only until a restart, .* could not be written to disk\\. .*, and do it again$`,
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
      account: null,
    },
  });
});

test("users created at the same time get accounts of their own", async () => {
  const operations = newOperations();
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

test("another account of a user is opened in his name, with a first deposit, and is his at once", async () => {
  await newUser();
  const before = exchange.commands.length;
  const body = { cash: 50, positions: { SYMBOL_1: 7 } };
  expect(await told("POST", "/admin/v1/users/usr_1/accounts", body)).toEqual({
    status: 200,
    body: { user_id: "usr_1", account_id: "acc_2" },
  });
  expect(exchange.commands.slice(before)).toEqual([
    { kind: CommandKind.OPEN_ACCOUNT, account: 2, actor: 1 },
    { kind: CommandKind.DEPOSIT_CASH, account: 2, amount: 50 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 2, symbol: 1, amount: 7 },
  ]);
  expect(identity.user(1)?.accounts).toEqual([1, 2]);
  expect(await told("POST", "/admin/v1/users/usr_9/accounts", {})).toMatchObject({
    status: 404,
    body: { details: { field: "id" } },
  });
  expect(await told("POST", "/admin/v1/users/usr_1/accounts", { cash: -1 })).toEqual(
    invalid(400, expect.objectContaining({ field: "cash" })),
  );
  expect(exchange.commands).toHaveLength(before + 3);
});

test("an account that the disk does not give to the user is left empty, and that is on record", async () => {
  await newUser();
  const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  using _ = spyOn(identity, "addAccount").mockRejectedValue(full);
  expect(await told("POST", "/admin/v1/users/usr_1/accounts", { cash: 50 })).toMatchObject({
    status: 503,
    body: { code: 50700 },
  });
  expect(exchange.commands.slice(-2)).toEqual([
    { kind: CommandKind.DEPOSIT_CASH, account: 2, amount: -50 },
    { kind: CommandKind.NOTE, text: "account.refused usr_1" },
  ]);
  expect(identity.user(1)?.accounts).toEqual([1]);
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
  account_id: null,
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
