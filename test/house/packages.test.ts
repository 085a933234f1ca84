import { expect, test } from "bun:test";
import packageJson from "../../package.json" with { type: "json" };
import clientJson from "../../packages/client/package.json" with { type: "json" };
import { findFiles, readFromTop } from "./source.ts";

/** Of the package itself, or of another that it is the name of here. */
const EXACT_VERSION = /^(?:npm:[\w@/.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/** "name@version" of every dependency whose version leaves a choice. */
function findInexact(dependencies: Record<string, string>): string[] {
  return Object.entries(dependencies)
    .filter(([, version]) => !EXACT_VERSION.test(version))
    .map(([name, version]) => `${name}@${version}`);
}

/** Every version of Bun that a text asks for: `bun@1.2.3`, `oven/bun:1.2.3`. */
function bunVersionsIn(text: string): string[] {
  return [...text.matchAll(/\bbun[@:](\d+\.\d+\.\d+)/g)].map(([, version]) => version ?? "");
}

/** Of the checkout and of the packages in it, but for these themselves. */
const dependencies = Object.fromEntries(
  Object.entries({
    ...packageJson.dependencies,
    ...packageJson.devDependencies,
    ...clientJson.dependencies,
  }).filter(([name]) => name !== clientJson.name),
);

test("every dependency has one exact version", () => {
  expect(findInexact(dependencies)).toEqual([]);
});

test("the client is the one of this checkout, of the same version, with one dependency", () => {
  expect(packageJson.dependencies[clientJson.name as "@waiver/client"]).toBe("workspace:*");
  expect(clientJson.version).toBe(packageJson.version);
  expect(clientJson.dependencies).toEqual({
    "@msgpack/msgpack": packageJson.dependencies["@msgpack/msgpack"],
  });
});

test("a version that leaves a choice is found", () => {
  const versions = {
    a: "^1.2.3",
    b: "~1.2.3",
    c: "1.2",
    d: "latest",
    e: ">=1.0.0",
    f: "1.2.3",
    g: "1.0.0-rc.1",
    h: "npm:a@1.2.3",
    i: "npm:a@^1.2.3",
  };
  expect(findInexact(versions)).toEqual([
    ...["a@^1.2.3", "b@~1.2.3", "c@1.2", "d@latest", "e@>=1.0.0", "i@npm:a@^1.2.3"],
  ]);
});

test("bun.lock is there, for these dependencies, and names no host", async () => {
  const lock = await readFromTop("bun.lock");
  const resolved = Object.entries(dependencies).map(([name, version]) =>
    version.startsWith("npm:") ? version.slice("npm:".length) : `${name}@${version}`,
  );
  expect(resolved.filter((each) => !lock.includes(`["${each}"`))).toEqual([]);
  expect(lock).not.toMatch(/https?:\/\//);
});

test("the project asks for one version of Bun everywhere", async () => {
  const paths = await findFiles("{Dockerfile,*.md,.ci/run,docs/**/*.md}");
  const mentions = await Promise.all(
    paths.map(async (path) => ({ path, versions: bunVersionsIn(await readFromTop(path)) })),
  );
  const { bun } = packageJson.engines;
  expect(packageJson.devDependencies["bun-types"]).toBe(bun);
  expect(mentions.filter(({ versions }) => versions.some((each) => each !== bun))).toEqual([]);
  expect(bunVersionsIn("npx -y bun@1.2.3 start\nFROM oven/bun:1.2.4-slim")).toEqual([
    "1.2.3",
    "1.2.4",
  ]);
});

test("CI runs the command that the README gives for the checks", async () => {
  const command = `npx -y bun@${packageJson.engines.bun} run check`;
  expect((await readFromTop(".ci/run")).split("\n")).toContain(command);
  expect((await readFromTop("README.md")).split("\n")).toContain(command);
});
