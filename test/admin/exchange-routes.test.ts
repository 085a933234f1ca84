import { describe, expect, test } from "bun:test";
import { ErrorCode } from "../../src/protocol/errors.ts";
import { UnavailableError } from "../../src/router/control.ts";
import { exchange, invalid, served, TOKEN, told, useAdminApi } from "./admin-api.ts";

useAdminApi();

test("state is what the exchange says", async () => {
  expect(await told("GET", "/admin/v1/state")).toEqual({
    status: 200,
    body: (await exchange.state()) as Record<string, unknown>,
  });
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

test("a failed snapshot gives 503 with the reason; a snapshot that must wait gives the time to retry", async () => {
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

  test("returns the requested page", async () => {
    expect(await auditPage("")).toEqual({ status: 200, body: [1, 100, false] });
    expect(await auditPage("?from_seq=9007199254740991&limit=1000")).toEqual({
      status: 200,
      body: [9_007_199_254_740_991, 1000, false],
    });
  });

  test("refuses invalid parameters and names each of them", async () => {
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
