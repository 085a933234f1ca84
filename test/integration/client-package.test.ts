/** The client as strangers get it: from its tarball, in an empty folder, on their runtime and in their project. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { createPublicClient } from "@waiver/client";
import { publint } from "publint";
import { browserBytes, packClient } from "../../scripts/client-package.ts";
import { nodeCommand, run, skipsWithoutRuntimes } from "../client/runtimes.ts";
import { Venue } from "./venue.ts";

const README = join(import.meta.dir, "../../packages/client/README.md");
const CHECKOUT = join(import.meta.dir, "../..");

/** A trader's minute, by signature and in both encodings, and a person's, who signs up with a name and a password. */
const PROGRAM = `
import { createPublicClient, createTradingClient, beginSession, endSession, isExchangeError } from "@waiver/client";

const { URL: url, KEY: apiKey, SECRET: apiSecret, SYMBOL: symbol, NAME: name } = process.env;
const said = [];
for (const encoding of ["json", "msgpack"]) {
  const client = createTradingClient({ url, encoding, auth: { apiKey, apiSecret } });
  const reader = createPublicClient({ url, encoding });
  const book = reader.orderBook(symbol);
  const events = client.userEvents();
  await Promise.all([book.ready, client.account.ready]);
  const { order_id } = await client.place({ symbol, side: "BUY", type: "LIMIT", price: 120, quantity: 3 });
  for await (const { bids } of book.changes()) if (bids.length === 1) { said.push(bids); break; }
  for await (const { event } of events) { said.push(event); if (event === "order") break; }
  const refused = await client.place({ symbol, side: "SELL", type: "LIMIT", price: 120, quantity: 3 }).catch((error) => error);
  said.push(isExchangeError(refused, "INSUFFICIENT_SHARES"));
  said.push((await client.cancel({ order_id })).status);
  client.close();
  reader.close();
}
const { token } = await beginSession(url, { api_key: apiKey, api_secret: apiSecret });
const client = createTradingClient({ url, auth: { token } });
said.push((await client.openOrders()).orders);
client.close();

const password = "a long enough one";
const headers = { "Content-Type": "application/json" };
const wrong = await beginSession(url, { name, password }).catch((error) => error);
said.push(isExchangeError(wrong, "WRONG_CREDENTIALS"));
await fetch(url + "/api/v1/users", { method: "POST", headers, body: JSON.stringify({ name, password }) });
const session = await beginSession(url, { name, password });
// A refused connection is known to be at once: the limit on an answer ends it in no runtime.
const person = createTradingClient({ url, auth: { token: session.token }, requestTimeoutMs: 3_600_000 });
const closed = new Promise((resolve) => person.onState(({ state }) => state === "closed" && resolve()));
const order = { symbol, side: "BUY", type: "LIMIT", price: 120, quantity: 3 };
const { order_id } = await person.place(order);
await person.account.ready;
said.push(person.account.cash.total, (await person.cancel({ order_id })).status);
await endSession(url, session.token);
await closed;
said.push(isExchangeError(await person.place(order).catch((error) => error), "NOT_LOGGED_IN"));
person.close();
console.log(JSON.stringify(said));
`;
const PERSON = [true, 500_000, "CANCELLED", true];
const DAY = [[[120, 3]], "snapshot", "order", true, "CANCELLED"];

/** What a stranger writes: the types are those of his request, his results and his errors. */
const TYPED = `
import {
  createTradingClient, ExchangeError, isExchangeError, type OrderState, type PushData, type Result, type UserEvent,
} from "@waiver/client";

const client = createTradingClient({ url: "wss://exchange.example", auth: { apiKey: "k", apiSecret: "s" } });
export async function trade(symbol: string, price: number | undefined): Promise<OrderState | number> {
  try {
    const placed = await client.place({ symbol, side: "BUY", type: "LIMIT", quantity: 1, price });
    const status: "ACCEPTED" | "PARTIALLY_FILLED" | "FILLED" | "CANCELLED" | "EXPIRED" | "PENDING_TRIGGER" = placed.status;
    return status === "FILLED" ? placed : await client.cancel({ order_id: placed.order_id });
  } catch (error) {
    if (isExchangeError(error, "INSUFFICIENT_FUNDS", "INSUFFICIENT_SHARES")) return error.details.needed;
    if (error instanceof ExchangeError) return error.retryAfterMs ?? error.code;
    throw error;
  }
}
export async function read(): Promise<void> {
  for await (const trade of client.stream("trades", { symbols: ["SYMBOL_1"] })) {
    const data: PushData<"trades"> = trade;
    const side: "BUY" | "SELL" = data.taker_side;
    void side;
  }
  for await (const event of client.userEvents()) {
    const seq: number = (event satisfies UserEvent).seq;
    if (event.event === "order" && event.last_fill !== undefined) void [seq, event.last_fill.fee];
  }
  const list: Result<"symbols.list"> = await client.listSymbols();
  void list.symbols[0]?.player_name;
  // @ts-expect-error: there is no such member
  await client.place({ symbol: "SYMBOL_1", side: "BUY", type: "MARKET", quantity: 1, prize: 3 });
  // @ts-expect-error: a side is one of two words
  await client.place({ symbol: "SYMBOL_1", side: "buy", type: "MARKET", quantity: 1 });
}
`;

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiver-package-"));
  tarball = await packClient(join(folder, "pack"));
  const modules = join(folder, "stranger/node_modules");
  await mkdir(join(modules, "@waiver"), { recursive: true });
  await run(["tar", "-xzf", tarball, "-C", join(modules, "@waiver")]);
  await run(["mv", join(modules, "@waiver/package"), join(modules, "@waiver/client")]);
  const messagePack = "@msgpack/msgpack";
  await cp(join(CHECKOUT, "node_modules", messagePack), join(modules, messagePack), {
    recursive: true,
  });
  await Bun.write(join(folder, "stranger/program.mjs"), PROGRAM);
  await Bun.write(join(folder, "stranger/typed.ts"), TYPED);
  await Bun.write(join(folder, "stranger/package.json"), '{"type":"module"}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("publint and attw find nothing", async () => {
  const bytes = await Bun.file(tarball).arrayBuffer();
  const { messages } = await publint({ pack: { tarball: bytes }, strict: true });
  expect(messages).toEqual([]);

  const pack = createPackageFromTarballData(new Uint8Array(bytes));
  expect(pack.listFiles().filter((path) => path.endsWith(".ts"))).toEqual([
    "/node_modules/@waiver/client/dist/index.d.ts",
  ]);
  const { types, ...analysis } = await checkPackage(pack);
  if (types === false) throw new Error("the package has no types");
  // It is for what reads \`exports\` and knows ES modules: not for Node before 16, nor by require without types of its own.
  const problems = "problems" in analysis ? analysis.problems : [];
  const others = problems.filter(
    (problem) =>
      problem.kind !== "CJSResolvesToESM" &&
      !("resolutionKind" in problem && problem.resolutionKind === "node10"),
  );
  expect(others).toEqual([]);
});

describe.each([
  ["NodeNext", "NodeNext", "typescript/bin/tsc"],
  ["ESNext", "Bundler", "typescript-native/bin/tsc"],
])(
  "in a strict project with module %s and resolution %s, by %s",
  (module, moduleResolution, tsc) => {
    test("its types compile", async () => {
      const config = join(folder, `stranger/tsconfig.${module}.json`);
      const compilerOptions = {
        ...{
          strict: true,
          noEmit: true,
          skipDefaultLibCheck: true,
          exactOptionalPropertyTypes: true,
        },
        ...{ noUncheckedIndexedAccess: true, target: "es2022", lib: ["es2022", "dom"], types: [] },
        ...{ module, moduleResolution },
      };
      await Bun.write(config, JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
      const compiler = join(CHECKOUT, "node_modules", tsc);
      expect(await run([process.execPath, compiler, "-p", config])).toBe("");
    });
  },
);

test("a page loads as little as the README says, and MessagePack only when it is used", async () => {
  const { first, messagePack } = await browserBytes();
  expect(await Bun.file(README).text()).toContain(
    `| browsers | ${Math.ceil(first / 1000)} KB, minified and compressed`,
  );
  expect(messagePack).toBeGreaterThan(1_000);
});

describe.skipIf(skipsWithoutRuntimes())("against a real exchange", () => {
  let venue: Venue;
  beforeAll(async () => {
    const env = {
      WAIVER_GATEWAY__AUTH__SIGN_UP: "true",
      WAIVER_GATEWAY__AUTH__SIGN_UP_CASH: "500000",
    };
    venue = await Venue.open({ env });
  });
  afterAll(() => venue?.[Symbol.asyncDispose]());

  test.each(["Node 20", "Node 22", "Bun"])("it trades on %s", async (name) => {
    const { api_key: KEY, api_secret: SECRET } = await venue.user({ cash: 1_000_000 });
    const env = {
      ...{ URL: venue.server.url, KEY, SECRET, SYMBOL: venue.symbol() },
      NAME: name.replace(" ", "-"),
    };
    const runtime =
      name === "Bun" ? [process.execPath] : nodeCommand(name === "Node 20" ? "20" : "22");
    const said = await run([...runtime, "program.mjs"], { cwd: join(folder, "stranger"), env });
    expect(JSON.parse(said)).toEqual([...DAY, ...DAY, [], ...PERSON]);
  });

  test("what the README shows runs on Node as it stands there", async () => {
    const { api_key, api_secret } = await venue.user({ cash: 1_000_000 });
    const reader = createPublicClient({ url: venue.server.url });
    const { symbols } = await reader.listSymbols();
    reader.close();
    const snippets = [...(await Bun.file(README).text()).matchAll(/```ts\n(.*?)```/gs)];
    const program = snippets
      .map(([, code]) => code)
      .join("")
      .replace("wss://exchange.example", venue.server.url)
      .replace("YOUR_KEY", api_key)
      .replace("YOUR_SECRET", api_secret)
      .replace("mahomes", symbols[0]?.player_name ?? "");
    await Bun.write(join(folder, "stranger/readme.ts"), `${program}\nclient.close();\n`);
    const strip = ["--experimental-strip-types", "--no-warnings", "readme.ts"];
    const said = await run([...nodeCommand("22"), ...strip], { cwd: join(folder, "stranger") });
    const lines = said.trim().split("\n");
    expect(snippets).toHaveLength(5);
    expect(lines[0]).toMatch(/^ord_\d+ ACCEPTED$/);
    expect(lines[1]).toBe("needs 2000000000000 cents, has 991500");
    expect(lines.at(-1)).toMatch(/^\d+ snapshot$/);
  });
});
