/** The documents as pages: they load nothing that the exchange does not serve. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ERROR_CODES, ERRORS } from "../../src/protocol/errors.ts";
import { plainRoutes } from "../../src/protocol/schemas/plain-routes.ts";
import { restRoutes } from "../../src/protocol/schemas/rest.ts";
import { METHOD_NAMES, PUSH_NAMES, pushes } from "../../src/protocol/schemas.ts";
import { openRealExchange } from "./real-exchange.ts";

let real: Awaited<ReturnType<typeof openRealExchange>>;
beforeAll(async () => {
  real = await openRealExchange();
});
afterAll(() => real[Symbol.asyncDispose]());

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://${real.url}${path}`, { headers });

test.each(["/docs", "/docs/streams"])("%s loads only what the exchange serves", async (path) => {
  const answer = await ask(path);
  const text = await answer.text();
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([
    200,
    "text/html; charset=utf-8",
  ]);
  const loaded = [...text.matchAll(/(?:src|href)="([^"#]*)"/g)].map(([, target = ""]) => target);
  expect(loaded).toContain("/docs/docs.css");
  for (const target of loaded) {
    if (target.startsWith("data:")) continue;
    expect([target, (await ask(target)).status]).toEqual([target, 200]);
  }
  // Nothing of the page's own text runs.
  expect(text).not.toMatch(/<script(?![^>]* src="\/docs\/)|<style| style=| on\w+=/);
});

test("the policy lets scripts come from the exchange alone", async () => {
  for (const path of ["/docs", "/docs/streams"]) {
    const policy = (await ask(path)).headers.get("Content-Security-Policy") ?? "";
    const rules = Object.fromEntries(policy.split("; ").map((rule) => rule.split(" ", 2)));
    expect(rules).toMatchObject({
      ...{ "default-src": "'none'", "script-src": "'self'", "connect-src": "'self'" },
      ...{ "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'" },
    });
    expect(policy).not.toContain("unsafe-eval");
  }
});

test("the page of the WebSockets has every method and push", async () => {
  const text = await (await ask("/docs/streams")).text();
  for (const name of METHOD_NAMES) expect(text).toContain(`<section id="${name}">`);
  for (const name of PUSH_NAMES) expect(text).toContain(`<section id="${name}-push">`);
});

test("a client that has the current script gets 304", async () => {
  const first = await ask("/docs/reference.js");
  expect((await first.text()).length).toBeGreaterThan(1_000_000);
  const tag = first.headers.get("ETag") ?? "";
  for (const known of [tag, `"x", ${tag}`, tag.slice(2)]) {
    const again = await ask("/docs/reference.js", { "If-None-Match": known });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  }
});

test("the page for language models has every method, push, error and route", async () => {
  const answer = await ask("/llms.txt");
  const text = await answer.text();
  expect(answer.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
  expect(await (await ask("/docs/llms.txt")).text()).toBe(text);
  for (const name of METHOD_NAMES) expect(text).toContain(`### ${name}\n`);
  for (const name of PUSH_NAMES)
    expect(text).toContain(`- \`${name}\`, stream \`${pushes[name].stream}\``);
  for (const code of ERROR_CODES) expect(text).toContain(`- ${code} ${ERRORS[code].name}: `);
  for (const route of Object.keys({ ...restRoutes, ...plainRoutes }))
    expect(text).toContain(`- \`${route}\`: `);
  const links = [...text.matchAll(/\]\((\/[^)]*)\)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(3);
  for (const target of links) expect([target, (await ask(target)).status]).toEqual([target, 200]);
  expect(text).not.toContain("undefined");
  expect(text.length).toBeLessThan(40_000);
});
