import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { BODY_BYTES_MAX } from "../../../src/gateway/http/request-body.ts";
import { HttpError } from "../../../src/gateway/http/responses.ts";
import { route } from "../../../src/gateway/http/route.ts";
import { createRoutes } from "../../../src/gateway/http/routes.ts";
import type { Session } from "../../../src/gateway/websocket/session.ts";
import { ErrorCode, errorBody } from "../../../src/protocol/errors.ts";
import type { Issue } from "../../../src/protocol/issue.ts";
import { flag, optional, params, positive, text } from "../../../src/protocol/schemas/fields.ts";
import { UnavailableError } from "../../../src/router/control.ts";
import { askRaw, sendRaw } from "./raw-http.ts";
import { serveRoutes } from "./route-server.ts";

const bug = new Error("secret detail");
const fullDisk = Object.assign(new Error("secret detail"), { code: "ENOSPC" });
const refusals: Record<string, () => unknown> = {
  bug: () => {
    throw bug;
  },
  later: () => Promise.reject(bug),
  "full-disk": () => Promise.reject(fullDisk),
  unavailable: () => {
    throw new UnavailableError(ErrorCode.OVERLOADED, "the ring is full");
  },
  storage: () => {
    throw new UnavailableError(ErrorCode.STORAGE_FAILED, "the disk is gone");
  },
  rate: () => {
    throw new HttpError(errorBody(ErrorCode.ORDER_RATE, { retry_after_ms: 2_300 }));
  },
  login: () => {
    throw new HttpError(errorBody(ErrorCode.WRONG_CREDENTIALS));
  },
  unprintable: () => ({ amount: 1n }),
};

const Query = params({
  limit: optional(positive("how many", 10)),
  all: optional(flag("all")),
  name: optional(text("a name", 5)),
});
const Body = params({
  name: text("a name", 5),
  sizes: optional(
    Type.Record(Type.String({ pattern: "^[a-z]$" }), positive("size"), {
      additionalProperties: false,
    }),
  ),
});

let served: ReturnType<typeof serveRoutes>;

beforeAll(() => {
  served = serveRoutes([
    {
      guard() {},
      routes: [
        route("GET /metrics", {}, () => ({ secret: "metrics" })),
        route("GET /things/:id", { query: Query }, ({ params, query }) => ({ ...params, query })),
        route("PATCH /things/:id", { body: Body }, ({ params, body }) => ({ ...params, body })),
        route("DELETE /things/:id", {}, () => new Response(null, { status: 204 })),
        route("GET /things/first", {}, () => ({ fixed: true })),
        route("GET /things/:id/parts/:part", {}, ({ params }) => params),
        route("GET /refusals/:name", {}, ({ params }) => refusals[params.name]?.() as object),
        route("GET /socket", {}, ({ request }) =>
          served.server.upgrade(request, { data: {} as Session }) ? undefined : { upgraded: false },
        ),
      ],
    },
    {
      under: "/inner",
      guard(request) {
        if (request.headers.get("x-key") === "key") return;
        throw new HttpError(errorBody(ErrorCode.NOT_LOGGED_IN));
      },
      routes: [route("GET /inner/page", {}, () => ({ inner: true }))],
    },
  ]);
});
afterAll(() => served[Symbol.asyncDispose]());

async function ask(method: string, path: string, init: RequestInit = {}) {
  const response = await fetch(served.url + path, { ...init, method });
  const body = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: body === "" ? null : (JSON.parse(body) as unknown),
  };
}

/** The answer without its headers. */
async function told(method: string, path: string, init?: RequestInit) {
  const { headers: _, ...answer } = await ask(method, path, init);
  return answer;
}

/** A body whose length is not known beforehand. */
function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

const invalid = (...issues: Issue[]) => ({
  status: 400,
  body: {
    code: 40001,
    message: "Invalid parameters",
    details: issues.length > 1 ? { ...issues[0], issues } : issues[0],
  },
});

describe("which route answers", () => {
  test("is chosen by method and path; a fixed name wins over a parameter", async () => {
    expect(await told("GET", "/things/7")).toEqual({ status: 200, body: { id: "7", query: {} } });
    expect(await told("GET", "/things/first")).toEqual({ status: 200, body: { fixed: true } });
    expect(await told("GET", "/things/a%20b/parts/c%2Fd")).toEqual({
      status: 200,
      body: { id: "a b", part: "c/d" },
    });
    expect(await told("DELETE", "/things/7")).toEqual({ status: 204, body: null });
  });

  test("HEAD is GET without the body", async () => {
    const { status, headers, body } = await ask("HEAD", "/metrics");
    const length = headers.get("Content-Length");
    expect({ status, length, body }).toEqual({ status: 200, length: "20", body: null });
  });

  test("no answer is kept by a cache", async () => {
    for (const path of ["/metrics", "/nothing", "/refusals/bug"]) {
      expect((await ask("GET", path)).headers.get("Cache-Control")).toBe("no-store");
    }
  });

  test.each(["POST", "PUT", "PROPFIND"])("405 for %s, with what is allowed", async (method) => {
    const { status, headers, body } = await ask(method, "/things/7");
    expect({ status, allow: headers.get("Allow"), body }).toEqual({
      status: 405,
      allow: "GET, HEAD, PATCH, DELETE, OPTIONS",
      body: { code: 40002, message: "Use GET, HEAD, PATCH, DELETE, OPTIONS here" },
    });
  });

  test("OPTIONS lists the allowed methods", async () => {
    const { status, headers, body } = await ask("OPTIONS", "/things/7");
    expect({ status, allow: headers.get("Allow"), body }).toEqual({
      status: 204,
      allow: "GET, HEAD, PATCH, DELETE, OPTIONS",
      body: null,
    });
    expect((await ask("OPTIONS", "/nothing")).status).toBe(404);
    expect((await ask("OPTIONS", "/inner/page")).status).toBe(401);
  });

  test.each(["/", "/things", "/things/", "/things/7/", "/things/7/parts"])(
    "404 for %s",
    async (path) => {
      expect(await told("GET", path)).toEqual({
        status: 404,
        body: { code: 40002, message: `There is no ${path}` },
      });
    },
  );

  test("a long path is not repeated in full in the answer", async () => {
    const { body } = await told("GET", `/${"x".repeat(500)}`);
    expect(body).toEqual({ code: 40002, message: `There is no /${"x".repeat(63)}…` });
  });

  test("a guard protects all paths below it", async () => {
    const refused = { status: 401, body: { code: 40100, message: "Not logged in" } };
    for (const path of ["/inner/page", "/inner/nothing", "/inner/", "/inner"]) {
      expect(await told("GET", path)).toEqual(refused);
      expect(await told("POST", path)).toEqual(refused);
    }
    const headers = { "x-key": "key" };
    expect(await told("GET", "/inner/page", { headers })).toEqual({
      status: 200,
      body: { inner: true },
    });
    expect((await told("POST", "/inner/page", { headers })).status).toBe(405);
    expect((await told("GET", "/inner/nothing", { headers })).status).toBe(404);
    expect((await told("GET", "/inner", { headers })).status).toBe(404);
  });

  const refusals = { delayOfUser: () => null, hold: async () => undefined };
  const hooks = {
    onBug() {},
    onRefused() {},
    enter: () => true,
    charge() {},
    refusals,
    isLast: () => false,
    headers: {},
  };

  test("two routes with the same path and method are a mistake", () => {
    const routes = [route("GET /a", {}, () => ({}))];
    expect(() => createRoutes([{ routes }, { routes }], hooks)).toThrow("two routes for /a");
    expect(() => createRoutes([{ routes: [...routes, ...routes] }], hooks)).toThrow(
      "two routes for GET /a",
    );
  });

  test("a route that reads a body must say who pays for it", () => {
    const routes = [route("POST /a", { body: Body }, () => ({}))];
    expect(() => createRoutes([{ routes }], hooks)).toThrow("POST /a reads bodies without a guard");
    expect(createRoutes([{ routes, guard() {} }], hooks).routes).toHaveProperty("/a");
  });

  test("a WebSocket", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/socket`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    socket.close();
    expect(await told("GET", "/socket")).toEqual({ status: 200, body: { upgraded: false } });
  });
});

describe("over a raw socket", () => {
  test.each([
    ["a Host that is no address", "["],
    ["a Host with a path", "evil/things/8?"],
    ["an empty Host", ""],
    ["HTTP/1.0 without Host", null],
  ])("%s disturbs nothing", async (_, host) => {
    expect(await askRaw(served.port, "/things/7?limit=3", host)).toEqual({
      status: 200,
      body: '{"id":"7","query":{"limit":3}}',
    });
    expect(await askRaw(served.port, "/nothing?x", host)).toEqual({
      status: 404,
      body: '{"code":40002,"message":"There is no /nothing"}',
    });
  });

  test.each([
    "/public/../metrics",
    "/things/../metrics",
    "/things/../../metrics",
    "/./metrics",
    "/things/%2e%2e/%2e%2e/metrics",
    "/things/..%2f..%2fmetrics/../../metrics",
    "//metrics",
    "/%6detrics",
    "/metrics/",
    "/metrics;x",
    "/things\\..\\metrics",
    "/metrics#x",
  ])("%s does not reach /metrics", async (target) => {
    for (const host of ["localhost", "["]) {
      const { status, body } = await askRaw(served.port, target, host);
      expect(status).toBe(404);
      expect(JSON.parse(body)).toMatchObject({ code: 40002 });
    }
  });

  test.each(["a\r\nHost: b", "a\r\nHost: a", "\r\nX-Other: 1\r\nhOST: a"])(
    "two Hosts (%j) are refused",
    async (hosts) => {
      for (const target of ["/things/7", "/nothing", "/inner/page"]) {
        const { status, body } = await askRaw(served.port, target, hosts);
        expect(status).toBe(400);
        expect(JSON.parse(body)).toMatchObject({ code: 40000 });
      }
    },
  );

  test("no spelling of a path gets around a guard", async () => {
    for (const target of ["/inner/../inner/page", "/inner/./page", "/inner/x/../page"]) {
      expect((await askRaw(served.port, target)).status).toBe(401);
    }
    expect((await askRaw(served.port, "/things/../inner/page")).status).toBe(404);
  });

  test.each([".", "..", "%2e", "%2E%2e"])("%s is no parameter", async (name) => {
    expect((await askRaw(served.port, `/things/${name}`)).status).toBe(404);
    expect((await askRaw(served.port, `/things/7/parts/${name}`)).status).toBe(404);
  });

  test("a client that disconnects in the middle of a body is not reported as a bug", async () => {
    const before = served.bugs.length;
    const head = "PATCH /things/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n";
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: served.port,
      socket: { data() {} },
    });
    socket.write(`${head}{"name"`);
    socket.flush();
    await told("GET", "/metrics");
    socket.terminate();
    while (served.server.pendingRequests > 0) await told("GET", "/metrics");
    expect(served.bugs.slice(before)).toEqual([]);
  });
});

describe("the query", () => {
  test("is read by its schema", async () => {
    expect(await told("GET", "/things/7?limit=007&all=false&name=1")).toEqual({
      status: 200,
      body: { id: "7", query: { limit: 7, all: false, name: "1" } },
    });
    expect(await told("GET", "/things/7?name=a+%C3%A9")).toEqual({
      status: 200,
      body: { id: "7", query: { name: "a é" } },
    });
    expect(await told("GET", "/things/7?limit=&all&name=a")).toEqual({
      status: 200,
      body: { id: "7", query: { name: "a" } },
    });
  });

  test("with every fault named", async () => {
    expect(await told("GET", "/things/7?limit=11&all=yes&name=toolong&__proto__=1")).toEqual(
      invalid(
        { field: "__proto__", issue: "Unknown parameter" },
        { field: "limit", issue: "Limit must be positive integer up to 10", got: "11" },
        { field: "all", issue: "All must be true or false", got: '"yes"' },
        { field: "name", issue: "Name must be string of 1 to 5 characters", got: '"toolong"' },
      ),
    );
    for (const limit of ["1.5", "1e1", " 1", "x"]) {
      const issue = "Limit must be positive integer";
      expect(await told("GET", `/things/7?limit=${limit}`)).toEqual(
        invalid({ field: "limit", issue, got: JSON.stringify(limit) }),
      );
    }
    expect(await told("GET", "/things/7?limit=1&limit=2")).toEqual(
      invalid({ field: "limit", issue: "Given more than once" }),
    );
    const members = Array.from({ length: 65 }, (_, n) => `m${n}=`).join("&");
    expect(await told("GET", `/things/7?${members}`)).toEqual(
      invalid({ field: "query", issue: "Must have at most 64 members" }),
    );
  });
});

describe("the body", () => {
  const patch = (body: RequestInit["body"]) => told("PATCH", "/things/7", { body });

  test("is read by its schema", async () => {
    expect(await patch('{"name":"a","sizes":{"b":3}}')).toEqual({
      status: 200,
      body: { id: "7", body: { name: "a", sizes: { b: 3 } } },
    });
  });

  test("in pieces of any size", async () => {
    const bytes = new TextEncoder().encode('{"name":"éé"}');
    const pieces = streamOf([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(await patch(pieces)).toEqual({
      status: 200,
      body: { id: "7", body: { name: "éé" } },
    });
  });

  test("with every fault named", async () => {
    expect(await patch('{"name":5,"sizes":{"B":1},"nam":1}')).toEqual(
      invalid(
        { field: "nam", issue: "Unknown parameter" },
        { field: "name", issue: "Name must be string of 1 to 5 characters", got: "5" },
        { field: "sizes.B", issue: "Name must be matching ^[a-z]$" },
      ),
    );
    expect(await patch("")).toEqual(invalid({ field: "name", issue: "Required" }));
  });

  test.each([
    ["{", /JSON/],
    ["[]", /^Must be a JSON object$/],
    ["null", /^Must be a JSON object$/],
    [Uint8Array.of(0x22, 0xff, 0x22), /^Must be UTF-8$/],
  ])("%p is no object", async (body, issue) => {
    expect(await patch(body)).toEqual({
      status: 400,
      body: {
        code: 40000,
        message: "Malformed message",
        details: { field: "body", issue: expect.stringMatching(issue) },
      },
    });
  });

  test.each([BODY_BYTES_MAX + 1, 3 * BODY_BYTES_MAX])(
    "of %d bytes is too large",
    async (length) => {
      const tooLarge = {
        ...invalid({ field: "body", issue: "Must have at most 1048576 bytes" }),
        status: 413,
      };
      const text = `{"name":"a"${" ".repeat(length - 12)}}`;
      expect(await patch(text)).toEqual(tooLarge);
      expect(await patch(streamOf([new TextEncoder().encode(text)]))).toEqual(tooLarge);
    },
  );
});

describe("errors", () => {
  test.each([
    [
      "unavailable",
      503,
      "1",
      { code: 50300, message: "the ring is full", details: { retry_after_ms: 1000 } },
    ],
    ["storage", 503, null, { code: 50700, message: "the disk is gone" }],
    [
      "rate",
      429,
      "3",
      { code: 42901, message: "Order rate exceeded", details: { retry_after_ms: 2300 } },
    ],
  ])("%s", async (name, status, retryAfter, body) => {
    const answer = await ask("GET", `/refusals/${name}`);
    expect([answer.status, answer.headers.get("Retry-After"), answer.body]).toEqual([
      status,
      retryAfter,
      body,
    ]);
  });

  test("401 names the way to log in", async () => {
    const { status, headers, body } = await ask("GET", "/refusals/login");
    expect([status, headers.get("WWW-Authenticate"), body]).toEqual([
      401,
      "Bearer",
      { code: 40101, message: "Wrong API key or secret" },
    ]);
  });

  test("a full disk is reported to clients without details", async () => {
    const [bugs, refused] = [served.bugs.length, served.refused.length];
    expect(await told("GET", "/refusals/full-disk")).toEqual({
      status: 503,
      body: { code: 50700, message: "Storage failed" },
    });
    expect(served.bugs.slice(bugs)).toEqual([fullDisk]);
    expect(served.refused.slice(refused)).toEqual([50700]);
  });

  test("an unexpected error is logged once, and its text is not sent to the client", async () => {
    for (const [name, expected] of [
      ["bug", bug],
      ["later", bug],
      ["unprintable", expect.any(TypeError)],
    ] as const) {
      const [bugs, refused] = [served.bugs.length, served.refused.length];
      expect(await told("GET", `/refusals/${name}`)).toEqual({
        status: 500,
        body: { code: 50000, message: "Internal error" },
      });
      expect(served.bugs.slice(bugs)).toEqual([expected]);
      expect(served.refused.slice(refused)).toEqual([50000]);
    }
  });

  test("each error is counted", async () => {
    const before = served.refused.length;
    await told("GET", "/nothing");
    await told("PATCH", "/things/7");
    await told("GET", "/metrics");
    await sendRaw(served.port, "GET /inner/x HTTP/1.0\r\n\r\n");
    expect(served.refused.slice(before)).toEqual([40002, 40001, 40100]);
  });
});
