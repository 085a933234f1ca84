import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../../package.json";
import { AdminTokens } from "../../../src/admin/admin-tokens.ts";
import { commandTree, leaves } from "../../../src/admin/cli/command-tree.ts";
import { pickSymbol } from "../../../src/admin/cli/find-symbol.ts";
import { AdminOperations } from "../../../src/admin/operations.ts";
import { createAdminRoutes } from "../../../src/admin/routes.ts";
import { adminToken } from "../../../src/admin/token.ts";
import { CommandKind, SymbolState } from "../../../src/core/command.ts";
import { Reject } from "../../../src/core/reject.ts";
import { IDENTITY_FILE, IdentityStore } from "../../../src/identity/identity-store.ts";
import { serveRoutes } from "../../gateway/http/route-server.ts";
import { FakeExchange } from "../fake-exchange.ts";
import { type Ended, programHere, runHere } from "./run-here.ts";

const MAIN = join(import.meta.dir, "../../../src/main.ts");

let dataDir: string;
let token: string;
let identity: IdentityStore;
let exchange: FakeExchange;
let served: ReturnType<typeof serveRoutes>;
let url: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "cli-"));
  token = await adminToken(dataDir, undefined);
  identity = await IdentityStore.open(join(dataDir, IDENTITY_FILE));
  exchange = new FakeExchange();
  const operations = new AdminOperations(exchange, identity, exchange, 300_000);

  const tokens = new AdminTokens(dataDir, token);
  served = serveRoutes([createAdminRoutes({ ...exchange, tokens, operations })]);
  url = served.url;
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  expect(served.bugs).toEqual([]);
  await identity.close();
  rmSync(dataDir, { recursive: true });
});

beforeEach(() => {
  exchange.commands.length = 0;
  exchange.answer = () => undefined;
});

/** Runs the CLI with nothing of an exchange in the environment. */
async function waiver(args: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const { WAIVER_ADMIN_TOKEN: before } = process.env;
  delete process.env.WAIVER_ADMIN_TOKEN;
  Object.assign(process.env, environment);
  try {
    return await runHere(args);
  } finally {
    delete process.env.WAIVER_ADMIN_TOKEN;
    if (before !== undefined) process.env.WAIVER_ADMIN_TOKEN = before;
  }
}

/** Runs it with the exchange's address and token. */
const ask = (...args: string[]): Promise<Ended> =>
  waiver([...args, "--url", url, "--data-dir", dataDir]);

/** Runs it for its answer as JSON. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await ask(...args, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out);
}

test("a user's life, from creation to the end of a key", async () => {
  const ann = await json(
    ...["user", "create", "--name", "Ann", "--cash", "1000000", "--position", "SYMBOL_1=100"],
    ...["--position", "SYMBOL_2=5", "--permission", "trade", "--burst-limit", "50"],
  );
  expect(ann).toEqual({
    user_id: "usr_1",
    account_id: "acc_1",
    api_key: expect.any(String),
    api_secret: expect.any(String),
  });
  expect(exchange.commands.slice(0, 4)).toEqual([
    { kind: CommandKind.OPEN_ACCOUNT, account: 1, actor: 1 },
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: 1_000_000 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 1, amount: 100 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 2, amount: 5 },
  ]);
  expect(identity.user(1)?.permissions).toEqual(["trade"]);
  expect(identity.user(1)?.rateLimits).toEqual({ burst_limit: 50 });

  const key = await json("key", "create", "usr_1", "--expires-at", "2096-10-02T07:06:40Z");
  const listed = await ask("user", "list");
  expect(listed.code).toBe(0);
  expect(listed.out).toContain(`${ann.api_key} (expires never)`);
  expect(listed.out).toContain(`${key.api_key} (expires 2096-10-02T07:06:40.000Z)`);

  const revoked = await ask("key", "revoke", String(key.api_key), "--yes");
  expect({ ...revoked, out: revoked.out.split(" since ")[0] }).toEqual({
    code: 0,
    out: `${key.api_key} is revoked`,
    err: "",
  });
  expect(identity.verifySecret(String(key.api_key), String(key.api_secret), 0)).toEqual({
    ok: false,
    code: 40102,
  });
});

test.each([
  [["key", "expire", "ak_0", "--at", "2096-10-02", "--never"], "--never", "--at <date>"],
  [["user", "fees", "usr_1", "--taker", "7", "--as-everybody"], "--as-everybody", "--taker <bps>"],
  [["config", "print", "--running", "--config", "x.toml"], "--running", "--config <file>"],
])("options that contradict each other are refused: %j", async (args, option, other) => {
  const { code, err } = await ask(...args);
  expect(code).toBe(2);
  expect(err).toContain(`option '${option}' cannot be used with option '${other}'`);
});

test("a key's networks and end, and a user who is disabled", async () => {
  const key = await json(
    ...["key", "create", "usr_1", "--allow", "192.0.2.0/24", "--allow", "2001:db8::/32"],
  );
  const listed = async (): Promise<Record<string, unknown>> => {
    const { keys } = (await json("key", "list", "usr_1")) as { keys: { api_key: string }[] };
    return keys.find(({ api_key }) => api_key === key.api_key) ?? {};
  };
  expect(await listed()).toMatchObject({
    allowed_addresses: ["192.0.2.0/24", "2001:db8::/32"],
    account_id: null,
    expires_at: null,
  });
  const table = await ask("key", "list", "usr_1");
  expect(table.out).toContain("192.0.2.0/24");
  expect(table.out).toContain("anywhere");
  const bound = await json("key", "create", "usr_1", "--account", "acc_1");
  const { keys } = (await json("key", "list", "usr_1")) as { keys: object[] };
  expect(keys).toContainEqual(
    expect.objectContaining({ api_key: bound.api_key, account_id: "acc_1" }),
  );
  const foreign = await ask("key", "create", "usr_1", "--account", "acc_99");
  expect(foreign.err).toContain("acc_99 is no account of usr_1");

  const expire = async (...options: string[]) =>
    (await ask("key", "expire", String(key.api_key), ...options)).out;
  expect(await expire("--at", "2096-10-02T07:06:40Z")).toBe(
    `${key.api_key} expires 2096-10-02T07:06:40.000Z\n`,
  );
  expect(await expire("--never")).toBe(`${key.api_key} expires never\n`);
  await expire();
  expect(Number((await listed()).expires_at)).toBeLessThanOrEqual(Date.now());

  const wrong = await ask("key", "create", "usr_1", "--allow", "10.0.0.0/33");
  expect(wrong.code).not.toBe(0);
  expect(wrong.err).toContain("Expected a network or an address such as 192.0.2.0/24");

  expect((await ask("user", "disable", "usr_1", "--yes")).out).toStartWith(
    "usr_1 is disabled since ",
  );
  expect((await ask("user", "list")).out).toContain("Ann (disabled)");
  expect((await ask("user", "enable", "usr_1")).out).toBe("usr_1 may log in\n");
});

test("a new user in a table, with a word about the secret", async () => {
  const { code, out } = await ask("user", "create", "--name", "Bob");
  expect(code).toBe(0);
  expect(out).toMatch(/│ user_id\s+│ usr_2/);
  expect(out).toMatch(/│ api_secret │ sk_[0-9a-f]{64} │/);
  expect(out).toEndWith("Keep the secret now: it cannot be shown again.\n");
});

test("deposit and withdrawal", async () => {
  expect(await json("deposit", "acc_1", "--cash", "-5", "--position", "SYMBOL_0=-2")).toEqual({
    account_id: "acc_1",
    cash: -5,
    positions: { SYMBOL_0: -2 },
  });
  const table = await ask("deposit", "acc_1", "--cash", "5");
  expect(table.out).toMatch(/│ cash \(cents\) │ 5\s+│/);
});

test("symbols and orders", async () => {
  const said: string[] = [];
  for (const action of ["halt", "resume", "pre-open", "auction", "cancel-only"]) {
    said.push((await ask("symbol", action, "SYMBOL_1", "--yes")).out);
  }
  said.push((await ask("order", "cancel", "ord_2097155")).out);
  expect(said).toEqual([
    "SYMBOL_1 (PLAYER1, Player 1, QB KC) is now HALTED\n",
    "SYMBOL_1 (PLAYER1, Player 1, QB KC) is now TRADING\n",
    "SYMBOL_1 (PLAYER1, Player 1, QB KC) is now PRE_OPEN\n",
    "SYMBOL_1 (PLAYER1, Player 1, QB KC) is now AUCTION\n",
    "SYMBOL_1 (PLAYER1, Player 1, QB KC) is now CANCEL_ONLY\n",
    "ord_2097155 is CANCELLED\n",
  ]);
  const kind = CommandKind.SET_SYMBOL_STATE;
  expect(exchange.commands).toEqual([
    { kind, symbol: 1, quantity: SymbolState.HALTED },
    { kind, symbol: 1, quantity: SymbolState.TRADING },
    { kind, symbol: 1, quantity: SymbolState.PRE_OPEN },
    { kind, symbol: 1, quantity: SymbolState.AUCTION },
    { kind, symbol: 1, quantity: SymbolState.CANCEL_ONLY },
    { kind: CommandKind.CANCEL, account: 0, symbol: -1, orderSlot: 3, orderGeneration: 1 },
  ]);
});

test("the question counts the symbols that would change: of those who left none opens with others", async () => {
  exchange.gone.add("SYMBOL_1");
  for (const [action, count] of [
    ["halt", 3],
    ["resume", 2],
  ] as const) {
    const { code, err } = await ask("symbol", action, "--all");
    expect([code, err]).toEqual([2, expect.stringContaining(`${action} ${count} symbols?`)]);
  }
  expect((await ask("symbol", "resume", "--all", "--yes")).out).toBe("2 symbols are now TRADING\n");
});

test("a symbol's whole name is no beginning of another's: a deposit would go to another player", async () => {
  const listed = { symbol: "SYMBOL_312", player_name: "Player 312", team: null, position: null };
  const pick = (text: string) => pickSymbol(programHere(), text, [listed]);
  expect(await pick("symbol312")).toBe(listed);
  expect(await pick("player 31")).toBe(listed);
  for (const text of ["SYMBOL_31", "symbol31"]) {
    expect(pick(text)).rejects.toThrow(`No symbol, ticker or player fits "${text}"`);
  }
});

test.each([
  "audit --by",
  "symbol list --team",
  "backup --to",
  "wal verify --wal-dir",
  "status --token",
  "serve --config",
])("%s without anything is not taken for its absence", async (command) => {
  const option = command.split(" ").at(-1);
  const { code, out, err } = await ask(...command.split(" "), "");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(new RegExp(`^error: option '${option} <.*>' argument '' is invalid`));
});

test.each([
  "account trace acc_1 off --seconds 5",
  "symbol bands SYMBOL_1 --percent 0 --window 5 --yes",
  "restore --from s3://bucket/prefix --to-tick 5 --to-time 2027-01-31",
  "order cancel ..",
  "user enable .",
  "state --url http://127.0.0.1:8080/exchange",
  "state --url http://ann:secret@127.0.0.1:8080",
])("waiver %s contradicts itself, or has what would be left out", async (command) => {
  const { code, out, err } = await ask(...command.split(" "));
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/^(error|waiver): /);
  expect(exchange.commands).toEqual([]);
});

test.each([
  "audit --from 10 --to 9",
  "audit --from tick:10 --to tick:9",
  "wal dump --from 2027-01-31 --to 2027-01-30",
])("%s: nothing can be between", async (command) => {
  const { code, err } = await ask(...command.split(" "));
  expect([code, err]).toEqual([2, expect.stringMatching(/^error: --to is before --from/)]);
});

test.each(["wal verify", "wal dump", "wal replay"])(
  "%s does not take the journal of this machine for that of --url",
  async (command) => {
    const { code, err } = await waiver([...command.split(" "), "--url", url]);
    expect([code, err]).toEqual([2, expect.stringMatching(/^error: this reads files, and --url/)]);
  },
);

test("an id that is empty", async () => {
  const { code, err } = await ask("account", "show", "");
  expect([code, err]).toEqual([2, 'waiver: "" cannot be an id.\n']);
});

test("snapshot", async () => {
  expect(await json("snapshot")).toMatchObject({ tick: 9 });
  expect((await ask("snapshot")).out).toMatch(/│ tick\s+│ 9\s+│/);
});

test("state", async () => {
  const { symbols, ...short } = (await exchange.state()) as Record<string, unknown>;
  expect(await json("state")).toEqual(short);
  const whole = await json("state", "--symbols");
  const named = { ticker: "PLAYER0", player_name: "Player 0" };
  expect(whole).toEqual({
    ...short,
    symbols: (symbols as object[]).map((each) => ({ ...each, ...named })),
  });
  const { out } = await ask("state");
  expect(out).toMatch(/│ state_hash\s+│ 00112233aabbccdd │/);
  expect(out).toContain("\ncomponents\n");
  expect(out).toMatch(/│ players │ degraded │ 1970-01-01T00:00:00.002Z │/);
});

test("version needs no exchange", async () => {
  const expected = { code: 0, err: "" };
  expect(await waiver(["version"])).toEqual({
    ...expected,
    out: `waiver ${manifest.version} (Bun ${Bun.version})\n`,
  });
  expect(await waiver(["--version"])).toEqual({ ...expected, out: `${manifest.version}\n` });
  expect(JSON.parse((await waiver(["version", "--json"])).out)).toEqual({
    version: manifest.version,
    bun: Bun.version,
  });
});

test("the token comes from the option, the environment, or the data directory", async () => {
  const given = await waiver(["state", "--url", url, "--token", token]);
  const environment = await waiver(["--url", url, "state"], { WAIVER_ADMIN_TOKEN: token });
  const kept = await waiver(["--data-dir", dataDir, "state", "--url", url]);
  expect([given.code, environment.code, kept.code]).toEqual([0, 0, 0]);
});

test("the token comes from a file of its own, and a file that is not there or empty says so", async () => {
  const file = join(dataDir, "my-token");
  await Bun.write(file, `${token}\n`);
  const args = ["state", "--url", url, "--token-file"];
  expect((await waiver([...args, file], { WAIVER_ADMIN_TOKEN: "no" })).code).toBe(0);
  const missing = await waiver([...args, "nowhere"]);
  expect([missing.code, missing.out]).toEqual([2, ""]);
  expect(missing.err).toStartWith("waiver: --token-file nowhere: ENOENT");
  await Bun.write(file, "\n");
  expect(await waiver([...args, file])).toEqual({
    code: 2,
    out: "",
    err: `waiver: --token-file ${file} is empty.\n`,
  });
});

test("a token that no request can carry", async () => {
  expect(await waiver(["state", "--url", url], { WAIVER_ADMIN_TOKEN: "two\nlines" })).toEqual({
    code: 2,
    out: "",
    err: "waiver: The admin token from WAIVER_ADMIN_TOKEN has a character that no token has.\n",
  });
});

test("a wrong token, with where it came from", async () => {
  const { code, out, err } = await waiver(["state", "--url", url], { WAIVER_ADMIN_TOKEN: "no" });
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toBe(
    `waiver: The exchange at ${url} refused the admin token from WAIVER_ADMIN_TOKEN.\n` +
      "  Give the one it runs with: --token-file, --token, WAIVER_ADMIN_TOKEN, or --data-dir for its data directory.\n",
  );
});

test("no token", async () => {
  const { code, err } = await waiver(["state", "--url", url, "--data-dir", "nowhere"]);
  expect(code).toBe(1);
  expect(err).toStartWith("waiver: No admin token: nowhere/admin-token does not exist.\n");
});

test("a directory that cannot be looked into is not called missing", async () => {
  const loop = join(dataDir, "loop");
  symlinkSync(loop, loop);
  const asked = await waiver(["state", "--url", url, "--data-dir", loop]);
  expect([asked.code, asked.err]).toEqual([1, expect.stringMatching(/cannot be read: ELOOP/)]);
  const read = await waiver(["wal", "verify", "--wal-dir", loop]);
  expect([read.code, read.err]).toEqual([1, expect.stringMatching(/^waiver: ELOOP/)]);
});

test("a file is no journal", async () => {
  const { code, err } = await waiver(["wal", "verify", "--wal-dir", import.meta.path]);
  expect([code, err]).toEqual([2, expect.stringMatching(/^error: there is no journal in /)]);
});

test("no exchange at the address", async () => {
  const closed = Bun.serve({ port: 0, fetch: () => new Response() });
  const address = `http://127.0.0.1:${closed.port}`;
  await closed.stop(true);
  const { code, err } = await waiver(["state", "--url", address, "--token", "x"]);
  expect(code).toBe(1);
  expect(err).toStartWith(`waiver: No exchange answers at ${address} (`);
  expect(err).toEndWith("  Start one with `waiver serve`, or say where it runs with --url.\n");
});

test("something else at the address", async () => {
  const other = Bun.serve({ port: 0, fetch: () => new Response("<h1>hello</h1>") });
  const address = `http://127.0.0.1:${other.port}`;
  const { code, err } = await waiver(["state", "--url", address, "--token", "x"]);
  await other.stop(true);
  expect(code).toBe(1);
  expect(err).toBe(
    `waiver: What answers at ${address} is not an exchange of this version (status 200). Is --url right?\n`,
  );
});

test.each([
  [200, { status: "ok" }, 0],
  [503, { status: "failed", reason: "no tick ends" }, 1],
])("whether the process works is asked without a token: %p", async (status, body, code) => {
  let token: string | null | undefined;
  const exchange = Bun.serve({
    port: 0,
    routes: {
      "/healthz": (request) => {
        token = request.headers.get("Authorization");
        return Response.json(body, { status });
      },
    },
  });
  const ended = await waiver(["live", "--json", "--url", `http://127.0.0.1:${exchange.port}`]);
  await exchange.stop(true);
  expect([ended.code, JSON.parse(ended.out), token]).toEqual([code, body, null]);
});

test("whether the process works is not asked on an admin socket", async () => {
  const { code, err } = await waiver(["live", "--url", "unix:admin.sock"]);
  expect(code).toBe(2);
  expect(err).toContain("live asks a listener of clients, so --url cannot be an admin socket.");
});

test.each([
  [["state"], ""],
  [
    ["deposit", "acc_1", "--cash", "5"],
    "  Whether it was carried out is not known: look before you ask again (`waiver audit`, or the list).\n",
  ],
])(
  "a proxy without an answer of the exchange, and a line that is cut: %p",
  async (command, doubt) => {
    const proxy = Bun.serve({
      port: 0,
      fetch: () => new Response("<h1>502 Bad Gateway</h1>", { status: 502 }),
    });
    using cut = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: (socket) => void socket.end() },
    });
    const [behind, ended] = [proxy.port, cut.port].map((port) => `http://127.0.0.1:${port}`);
    const bad = await waiver([...command, "--url", behind ?? "", "--token", "x"]);
    await proxy.stop(true);
    expect(bad.code).toBe(1);
    expect(bad.err).toBe(
      `waiver: A proxy at ${behind} answers with status 502: it has no answer of the exchange.\n` +
        `  See whether the exchange runs, there with --url and its own address or admin socket.\n${doubt}`,
    );
    const lost = await waiver([...command, "--url", ended ?? "", "--token", "x"]);
    expect(lost.code).toBe(1);
    expect(lost.err).toStartWith(`waiver: No exchange answers at ${ended} (`);
    expect(lost.err).toEndWith(
      `  See whether it has just ended. With TLS its address begins with https: say so with --url.\n${doubt}`,
    );
  },
);

test("refused values are all named", async () => {
  const { code, out, err } = await ask("user", "create", "--name", " ", "--cash", "-1");
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toBe(
    "waiver: Invalid parameters (40001)\n" +
      "  --name: Must be printable text of 1 to 64 characters, without a space at either end, " +
      'got " "\n' +
      "  --cash: Must be non-negative integer, got -1\n",
  );
});

test("a refused deposit", async () => {
  exchange.answer = () => ({ code: Reject.INSUFFICIENT_FUNDS });
  const { code, err } = await ask("deposit", "acc_1", "--cash", "-1");
  expect(code).toBe(1);
  expect(err).toBe("waiver: Insufficient funds (40906)\n  --cash: More than is available\n");
});

test.each([
  [["bogus"], "error: unknown command 'bogus'"],
  [["state", "--bogus"], "error: unknown option '--bogus'"],
  [["user", "create"], "error: required option '--name <name>' not specified"],
  [["key", "create"], "error: missing required argument 'user'"],
  [["state", "--url", "here"], "Expected an address such as http://127.0.0.1:8080, or unix:/path"],
  [["serve", "--port", "65536"], "Expected a port from 0 (any free one) to 65535."],
  [["deposit", "acc_1", "--cash", "1.5"], "Expected a whole number."],
  [["deposit", "acc_1", "--cash", "9007199254740992"], "to 9007199254740991."],
  [["deposit", "acc_1", "--position", "SYMBOL_1"], "such as SYMBOL_1=100."],
  [["deposit", "acc_1", "--position", "SYMBOL_1=1", "--position", "SYMBOL_1=2"], "given twice."],
  [["key", "create", "usr_1", "--permission", "all"], "Expected one of trade, market_data, admin."],
  [["key", "create", "usr_1", "--expires-at", "soon"], "Expected a date such as 2027-01-31"],
  [["audit", "--from", "yesterday"], "Expected a sequence number, tick:<n>, or a date such as"],
  [["user", "create", "--name", "a", "--burst-limit", "0"], "Expected a whole number from 1."],
  [["user", "limits", "usr_1", "--burst-limit", "-1"], "0 is the limit of everybody."],
])("usage: %j", async (args, message) => {
  const { code, out, err } = await waiver(args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
  expect(err).toContain("--help");
});

test("every command's help has an example of it", async () => {
  const tree = commandTree(programHere());
  for (const { path } of leaves(tree)) {
    const { code, out, err } = await waiver([...path.split(" "), "--help"]);
    expect({ path, code, err }).toEqual({ path, code: 0, err: "" });
    expect(out).toContain(`\nExample:\n  $ waiver ${path}`);
  }
});

test("no command shows the help", async () => {
  const { code, err } = await waiver([]);
  expect(code).toBe(2);
  expect(err).toStartWith("Usage: waiver");
});

test.each([
  ["--help", 0],
  ["player list --help", 0],
  ["version", 0],
  ["nonsense", 2],
])("who stops reading what %p prints is told nothing of it", async (args, code) => {
  // What is after the pipe has ended long before anything is printed.
  const script = `{ ${process.execPath} ${MAIN} ${args} 2>&1; echo "code $?" >&2; } | true`;
  const child = Bun.spawn(["sh", "-c", script], { cwd: tmpdir(), stderr: "pipe" });
  expect(await new Response(child.stderr).text()).toBe(`code ${code}\n`);
});

test.skipIf(!existsSync("/dev/full")).each([
  ["--help", 2, "waiver: Standard output cannot be written (ENOSPC"],
  ["symbol list --url http://127.0.0.1:1 --token x", 3, "waiver: No exchange answers"],
])("a full disk behind what %p prints is told in %d lines", async (args, count, said) => {
  const script = `${process.execPath} ${MAIN} ${args} > /dev/full; echo "code $?" >&2`;
  const child = Bun.spawn(["sh", "-c", script], { cwd: tmpdir(), stderr: "pipe" });
  const lines = (await new Response(child.stderr).text()).trimEnd().split("\n");
  expect(lines[0]).toStartWith(said);
  expect(lines.at(-1)).toBe("code 1");
  expect(lines).toHaveLength(count);
});
