/** The trading page as it is served: what loads, how much of it, and what browsers may do with it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { pageOf } from "../../src/gateway/page/page.ts";
import { openRealExchange } from "./real-exchange.ts";

/** First load, compressed: the document, and all that it names. */
const FIRST_LOAD_BYTES_MAX = 180_000;

let real: Awaited<ReturnType<typeof openRealExchange>>;
beforeAll(async () => {
  real = await openRealExchange();
});
afterAll(() => real[Symbol.asyncDispose]());

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://${real.url}${path}`, { headers });

const VIEWS = ["/", "/players/KCQB1", "/account", "/account/fills", "/settings"];

test("every view of the page has the same document", async () => {
  const texts = await Promise.all(VIEWS.map(async (path) => (await ask(path)).text()));
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toStartWith("<!doctype html>");
});

test("a path that is neither a view nor a file is not found", async () => {
  const paths = ["/nothing", "/assets/nothing.js", "/players/a/b", "/index.html"];
  const answers = await Promise.all(paths.map((path) => ask(path)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});

test("an unknown path gives browsers the page with an explanation, and programs JSON", async () => {
  const person = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  const page = await (await ask("/")).text();
  for (const path of ["/nothing", "/players/a/b", "/docs/nothing/at/all"]) {
    const answer = await ask(path, person);
    expect([path, answer.status, await answer.text()]).toEqual([path, 404, page]);
    expect(answer.headers.get("Content-Security-Policy")).toStartWith("default-src 'self'");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(await (await ask(path)).json()).toMatchObject({ code: 40002 });
  }
  for (const path of ["/api/v1/nothing", "/api", "/admin/v2/nothing", "/assets/a/b"]) {
    expect(await (await ask(path, person)).json()).toMatchObject({ code: 40002 });
  }
  const posted = await fetch(`http://${real.url}/nothing`, { method: "POST", headers: person });
  expect([posted.status, await posted.json()]).toMatchObject([404, { code: 40002 }]);
});

test("the content policy allows scripts, styles and connections from the exchange alone", async () => {
  const answer = await ask("/");
  expect(answer.headers.get("Content-Security-Policy")?.split("; ")).toEqual([
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]);
  // Nothing of the document's own text runs.
  expect(await answer.text()).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
});

test("the document is revalidated each time, and the files it names are cached for ever", async () => {
  const { assets, response } = await firstLoad();
  expect(response.headers.get("Cache-Control")).toBe("no-cache");
  const tag = response.headers.get("ETag") ?? "";
  expect((await ask("/", { "If-None-Match": tag })).status).toBe(304);
  for (const path of assets) {
    const asset = await ask(path);
    expect([path, asset.status, asset.headers.get("Cache-Control")]).toEqual([
      path,
      200,
      "public, max-age=31536000, immutable",
    ]);
  }
});

test(`the first load is shorter than ${FIRST_LOAD_BYTES_MAX} bytes with gzip`, async () => {
  const { assets } = await firstLoad();
  expect(assets.length).toBeGreaterThanOrEqual(3);
  // Those that a view loads when it is first looked at count too: the largest of them is the chart.
  const scripts = await Promise.all(assets.map(async (path) => (await ask(path)).text()));
  const more = scripts.flatMap((text) => text.match(/[\w-]+-[a-z0-9]{8}\.js/g) ?? []);
  const all = new Set(["/", ...assets, ...more.map((name) => `/assets/${name}`)]);
  let bytes = 0;
  for (const path of all) {
    const answer = await fetch(`http://${real.url}${path}`, {
      headers: { "Accept-Encoding": "gzip" },
      decompress: false,
    });
    expect([path, answer.status]).toEqual([path, 200]);
    bytes += (await answer.arrayBuffer()).byteLength;
  }
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
});

test("files find each other under the paths that a bundler assumes", () => {
  const file = (name: string, type: string, text: string) => ({
    ...{ name, type },
    bytes: new TextEncoder().encode(text),
  });
  const { document, assets } = pageOf([
    file(
      "index.html",
      "text/html;charset=utf-8",
      '<script src="./a-1.js"></script><i src="/b-2.js">',
    ),
    file("a-1.js", "text/javascript;charset=utf-8", 'import("/b-2.js");import"./b-2.js";"b-2.js"'),
    file("b-2.js", "text/javascript;charset=utf-8", ""),
  ]);
  expect(document).toBe('<script src="/assets/a-1.js"></script><i src="/assets/b-2.js">');
  expect([...assets.keys()]).toEqual(["a-1.js", "b-2.js"]);
  expect(new TextDecoder().decode(assets.get("a-1.js")?.bytes)).toBe(
    'import("/assets/b-2.js");import"/assets/b-2.js";"b-2.js"',
  );
});

async function firstLoad() {
  const response = await ask("/");
  const text = await response.text();
  const assets = [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path = ""]) => path);
  return { response, assets };
}
