/** What is published of the commands is whole and true. */
import { expect, test } from "bun:test";
import { staleFiles } from "../../../scripts/cli-docs.ts";
import { ANSWERS, LINE_ANSWERS, WITHOUT_ANSWER } from "../../../src/admin/cli/answers.ts";
import { EXIT, EXIT_CODES } from "../../../src/admin/cli/cli-error.ts";
import { commandTree, leaves } from "../../../src/admin/cli/command-tree.ts";
import { programHere, runHere } from "./run-here.ts";

const paths = leaves(commandTree(programHere())).map(({ path }) => path);

test("every command has a schema of its answer or a reason to have none, and no schema is left over", () => {
  const published = [...Object.keys(ANSWERS), ...Object.keys(WITHOUT_ANSWER)];
  expect(published.toSorted()).toEqual(paths.toSorted());
  expect([...LINE_ANSWERS].filter((name) => !Object.hasOwn(ANSWERS, name))).toEqual([]);
});

test("docs/CLI.md and docs/cli-schema.json are what the code says: else run `bun scripts/cli-docs.ts`", () => {
  expect(staleFiles()).toEqual([]);
});

test("every exit code is explained", () => {
  expect(Object.keys(EXIT_CODES).map(Number)).toEqual([0, ...Object.values(EXIT)]);
});

test("schemas of one command, and of all", async () => {
  const { code, out, err } = await runHere(["schema"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { $defs } = JSON.parse(out) as { $defs: Record<string, object> };
  expect(Object.keys($defs).toSorted()).toEqual(Object.keys(ANSWERS).toSorted());
  const one = JSON.parse((await runHere(["schema", "user", "list"])).out) as object;
  expect(one).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...$defs["user list"],
  });
  const none = await runHere(["schema", "serve"]);
  expect([none.code, none.out]).toEqual([2, ""]);
  expect(none.err).toContain('There is no command "serve" with an answer');
});
