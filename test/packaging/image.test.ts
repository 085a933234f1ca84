/**
 * The image's recipe, without Docker: it parses, and keeps to what an image should be. That its steps work in a clean
 * Debian was tried by hand.
 */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { DockerfileParser, type From, type PropertyInstruction } from "dockerfile-ast";
import { validate } from "dockerfile-utils";

const text = await Bun.file("Dockerfile").text();
const instructions = DockerfileParser.parse(text).getInstructions();
const of = (keyword: string) => instructions.filter((each) => each.getKeyword() === keyword);
const argumentsOf = (keyword: string) =>
  of(keyword).map((each) => (each as PropertyInstruction).getArguments().map(String));

test("every instruction is valid", () => {
  expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual(
    [],
  );
});

test("the validator that accepts the Dockerfile finds mistakes elsewhere", () => {
  expect(validate("FROM debian:12\nEXPOSE nothing\nRUNN true\n").length).toBeGreaterThanOrEqual(2);
});

test("its bases are exact versions, and Bun's is the one that the checkout asks for", async () => {
  const images = of("FROM").map((each) => (each as From).getImage() ?? "");
  expect(images.filter((image) => !/:\d+\.\d+(\.\d+)?(-\w+)?$/.test(image))).toEqual([]);
  const { engines } = await Bun.file("package.json").json();
  expect(images[0]).toBe(`oven/bun:${engines.bun}-slim`);
});

test("it runs as a user without rights, with a health check, and ends on SIGTERM", () => {
  expect(argumentsOf("USER").at(-1)).toEqual(["10001"]);
  expect(of("HEALTHCHECK").length).toBe(1);
  expect(argumentsOf("HEALTHCHECK").flat().join(" ")).toContain("waiver live --url");
  expect(argumentsOf("STOPSIGNAL")).toEqual([["SIGTERM"]]);
});

test("the files that it copies exist and are in Docker's context", async () => {
  const ignored = (await Bun.file(".dockerignore").text()).split("\n");
  const sources = argumentsOf("COPY").map((all) => all.slice(0, -1).filter((each) => each !== ""));
  const own = sources.flat().filter((each) => !each.startsWith("--") && !each.startsWith("/"));
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter((path) => !existsSync(path))).toEqual([]);
  for (const script of own.filter((path) => path.startsWith("scripts/"))) {
    const imports = [...(await Bun.file(script).text()).matchAll(/ from "\.\/(.+?)"/g)];
    expect(own).toEqual(expect.arrayContaining(imports.map(([, name]) => `scripts/${name}`)));
  }
  const given = ignored.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const isGiven = (path: string) => given.some((each) => `${path}/`.startsWith(`${each}/`));
  expect(own.map((path) => path.replace(/^\.\//, "")).filter((path) => !isGiven(path))).toEqual([]);
});
