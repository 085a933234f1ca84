import { describe, expect, test } from "bun:test";
import { createAdminRoutes } from "../../src/admin/routes.ts";
import { BODY_BYTES_MAX } from "../../src/gateway/http/request-body.ts";
import { ADMIN_ROLES, adminRoutes } from "../../src/protocol/schemas/admin.ts";
import {
  ask,
  exchange,
  identity,
  invalid,
  newOperations,
  served,
  TOKEN,
  tokens,
  told,
  useAdminApi,
} from "./admin-api.ts";

useAdminApi();

test("every route refuses a request without the token", async () => {
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
  const operations = newOperations();
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

test("a route without parameters refuses parameters", async () => {
  expect(await told("POST", "/admin/v1/symbols/SYMBOL_1/halt", { until: 5 })).toEqual(
    invalid(400, { field: "until", issue: "Unknown parameter" }),
  );
  expect(exchange.commands).toEqual([]);
});

test.each(["{", "nonsense", "[]", "null", "7", '"text"'])("body %s is no object", async (body) => {
  const answer = await told("POST", "/admin/v1/users", body);
  expect([answer.status, answer.body.code]).toEqual([400, 40000]);
});

test("a body above the limit is refused, and one at the limit is read", async () => {
  const name = (length: number) => `{"name":${" ".repeat(length - 14)}"Ann"}`;
  expect((await told("POST", "/admin/v1/users", name(BODY_BYTES_MAX))).status).toBe(200);
  expect(await told("POST", "/admin/v1/users", name(BODY_BYTES_MAX + 1))).toEqual(
    invalid(413, { field: "body", issue: "Must have at most 1048576 bytes" }),
  );
  expect(identity.users().length).toBe(1);
});

test("an unexpected error is logged, and its text is not sent to the client", async () => {
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

  test("each role has the routes that are meant for it", () => {
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

  test("creating a user or an account with money needs the role money; without money it does not", async () => {
    const { token } = await tokens.create(
      { name: "ops", role: "operate" },
      1,
      async () => undefined,
    );
    const status = async (path: string, body: object) =>
      (await ask("POST", `/admin/v1/users${path}`, body, token)).status;
    for (const given of [{ cash: 1 }, { positions: { SYMBOL_1: 1 } }]) {
      expect(await status("", { name: "x", ...given })).toBe(403);
      expect(await status("/usr_1/accounts", given)).toBe(403);
    }
    expect(exchange.commands).toEqual([]);
    const empty = { cash: 0, positions: { SYMBOL_1: 0 } };
    expect(await status("", { name: "x", ...empty })).toBe(200);
    expect(await status("/usr_1/accounts", empty)).toBe(200);
    expect(new Set(exchange.askedBy)).toEqual(new Set(["ops"]));
  });

  test("a token is created, listed without its secret, works, and ends at once when it is revoked", async () => {
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
