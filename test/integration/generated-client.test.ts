/** A client that a public generator makes of the published document trades on the exchange. */
import { expect, test } from "bun:test";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import { Venue } from "./venue.ts";

const CHECKOUT = join(import.meta.dir, "../..");

/** What somebody writes who has the generated types. */
const PROGRAM = `
import createClient from "openapi-fetch";
import type { paths } from "./schema.ts";

const [url, key, secret, symbol] = process.argv.slice(2) as [string, string, string, string];
const client = createClient<paths>({
  baseUrl: url + "/api/v1",
  headers: { "X-API-KEY": key, "X-API-SECRET": secret },
});
const placed = await client.POST("/orders", {
  body: { symbol, side: "BUY", type: "LIMIT", price: 120, quantity: 3 },
});
if (placed.data === undefined) throw new Error(placed.error.message);
const order_id: string = placed.data.order_id;
const amended = await client.PATCH("/orders/{order_id}", {
  params: { path: { order_id } },
  body: { price: 121 },
});
const book = await client.GET("/symbols/{symbol}/book", {
  params: { path: { symbol }, query: { levels: 1 } },
});
const best: number[] | undefined = book.data?.bids[0];
const cancelled = await client.DELETE("/orders/{order_id}", { params: { path: { order_id } } });
const refused = await client.POST("/orders", {
  body: { symbol: "NOBODY", side: "BUY", type: "MARKET", quantity: 1 },
});
console.log(JSON.stringify({
  placed: placed.data.status,
  amended: amended.data?.price,
  best,
  cancelled: cancelled.data?.status,
  refused: refused.error?.code,
}));
`;

const TSCONFIG = {
  compilerOptions: {
    ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
    ...{ target: "esnext", module: "esnext", moduleResolution: "bundler" },
    ...{ lib: ["esnext", "dom"], types: ["bun-types"] },
  },
};

test("places an order, amends it, sees it in the book and cancels it", async () => {
  await using venue = await Venue.open();
  const answer = await fetch(`${venue.server.url}/api/v1/openapi.json`);
  const types = astToString(await openapiTS(await answer.text()));

  const folder = await mkdtemp(join(tmpdir(), "waiver-client-"));
  try {
    await symlink(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
    await Bun.write(join(folder, "schema.ts"), types);
    await Bun.write(join(folder, "program.ts"), PROGRAM);
    await Bun.write(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
    const compiler = join(CHECKOUT, "node_modules/typescript/bin/tsc");
    expect(await run(folder, [compiler, "-p", folder])).toBe("");

    const { api_key, api_secret } = await venue.user({ cash: 1000 });
    const args = [venue.server.url, api_key, api_secret, venue.symbol()];
    expect(JSON.parse(await run(folder, ["program.ts", ...args]))).toEqual({
      placed: "ACCEPTED",
      amended: 121,
      best: [121, 3],
      cancelled: "CANCELLED",
      refused: 40003,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What a program says, of both outputs; throws when it fails. */
async function run(cwd: string, command: readonly string[]): Promise<string> {
  const child = Bun.spawn([process.execPath, ...command], { cwd, stdout: "pipe", stderr: "pipe" });
  const texts = [new Response(child.stdout).text(), new Response(child.stderr).text()];
  const output = (await Promise.all(texts)).join("");
  if ((await child.exited) !== 0) throw new Error(output);
  return output;
}
