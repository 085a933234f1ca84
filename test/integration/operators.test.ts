import { afterAll, beforeAll, expect, test } from "bun:test";
import { Venue } from "./venue.ts";
import { linesOf, waiver } from "./waiver-command.ts";
import type { Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

/** Runs a command on the venue for its answer as JSON. */
async function json(...args: string[]): Promise<Members> {
  const { code, out, err } = await run(...args, "--json");
  expect({ args, code, err }).toEqual({ args, code: 0, err: "" });
  return JSON.parse(out) as Members;
}

const run = (...args: string[]) =>
  waiver(...args, "--url", venue.server.url, "--data-dir", venue.dataDir);

test("the journal names the token of each action, also after kill -9, and a revoked token is refused", async () => {
  const symbol = venue.symbol();
  const make = (name: string, role: string) =>
    json("admin-token", "create", "--name", name, "--role", role);
  const ann = await make("ann", "operate");
  expect(ann).toEqual({ name: "ann", role: "operate", token: expect.any(String) as string });
  const longName = "desk-with-the-longest-name_1";
  const desk = await make(longName, "money");
  const reader = await make("bob", "read");
  const as = ({ token }: Members, ...args: string[]) => run("--token", String(token), ...args);

  const user = await venue.user();
  using client = await venue.connect("/orders", "json", user);
  expect((await as(desk, "deposit", String(user.account_id), "--cash", "500")).code).toBe(0);
  const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 6 };
  const { order_id } = await client.result("order.place", order);
  expect((await as(ann, "order", "cancel", String(order_id))).code).toBe(0);
  expect((await as(ann, "key", "revoke", user.api_key, "--yes")).code).toBe(0);

  const refused = await as(reader, "deposit", user.account_id, "--cash", "1");
  expect({ code: refused.code, out: refused.out }).toEqual({ code: 1, out: "" });
  expect(refused.err).toContain("bob has the role read; this takes the role money (40300)");
  expect((await as(reader, "admin-token", "list")).code).toBe(0);
  await json("admin-token", "revoke", "bob", "--yes");
  const ended = await as(reader, "user", "list");
  expect(ended.code).toBe(1);
  expect(ended.err).toContain("refused the admin token from --token");

  await venue.server.kill();
  const entries = await linesOf<Members>(
    "audit",
    "--json",
    "--data-dir",
    venue.dataDir,
    "--from",
    "1",
  );
  const named = (entry: Members) => [
    entry.kind,
    entry.text ?? entry.order_id ?? entry.amount,
    entry.by,
  ];
  expect(entries.filter(({ by }) => by !== undefined).map(named)).toEqual([
    ["NOTE", "admin-token.create ann operate", "root"],
    ["NOTE", `admin-token.create ${longName} money`, "root"],
    ["NOTE", "admin-token.create bob read", "root"],
    ["OPEN_ACCOUNT", undefined, "root"],
    ["NOTE", `key.create ${user.user_id} ${user.api_key}`, "root"],
    ["DEPOSIT_CASH", 500, longName],
    ["CANCEL", order_id, "ann"],
    ["NOTE", `key.revoke ${user.user_id} ${user.api_key}`, "ann"],
    ["NOTE", "admin-token.revoke bob", "root"],
  ]);
  expect(entries.find(({ kind }) => kind === "PLACE")).not.toHaveProperty("by");
  await venue.restart();
  expect((await as(reader, "user", "list")).code).toBe(1);
  expect((await as(ann, "user", "list")).code).toBe(0);
});
