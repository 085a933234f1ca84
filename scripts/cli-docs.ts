/**
 * Writes `docs/CLI.md`, every command with its options and exit codes, and `docs/cli-schema.json`, the JSON Schemas of
 * what they print. `bun scripts/cli-docs.ts` writes; with `--check` it changes nothing and fails when a file differs.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ANSWERS, LINE_ANSWERS, WITHOUT_ANSWER } from "../src/admin/cli/answers.ts";
import { EXIT_CODES } from "../src/admin/cli/cli-error.ts";
import {
  type CommandNode,
  commandTree,
  leaves,
  type OptionNode,
} from "../src/admin/cli/command-tree.ts";
import { allSchemas } from "../src/admin/cli/commands/schema.ts";
import { createProgram } from "../src/admin/cli/program.ts";

const FOLDER = join(import.meta.dir, "../docs");

const INTRODUCTION = `# Commands

<!-- Written by scripts/cli-docs.ts from src/admin/cli/; change it there. -->

\`waiver\` runs the exchange, and controls a running one through its admin API. In a checkout it is
\`bun src/main.ts\`. This page lists every command; [RUNBOOK.md](RUNBOOK.md) says what to do in which situation.

Where a command takes a symbol, it also takes a ticker, a player's name, or a part of the name. When several players fit,
a person is asked which one is meant, and a script gets an error with the first ten of them.

A command asks first when it affects everybody or cannot be undone; \`--yes\` skips the question. When nobody can
be asked, because standard input or standard error is no terminal, such a command does nothing without \`--yes\`.

With \`--json\` a command prints JSON. Its schema is in [cli-schema.json](cli-schema.json), and \`waiver schema COMMAND\`
prints it. Later versions may add members. A command that takes more than a second shows its progress on standard error,
if that is a terminal.

The admin token is taken from \`--token\`, else \`--token-file\`, else \`WAIVER_ADMIN_TOKEN\`, else \`admin-token\` in the data
directory. Others on the machine can read the command line, so a script should not give the token there.
`;

/** The generated files: name within `docs/`, and text. */
export function generatedFiles(): Map<string, string> {
  const tree = commandTree(createProgram(async () => undefined));
  return new Map([
    ["CLI.md", page(tree)],
    ["cli-schema.json", `${JSON.stringify(allSchemas(), null, 2)}\n`],
  ]);
}

function page(tree: CommandNode): string {
  const codes = Object.entries(EXIT_CODES).map(([code, text]) => `| ${code} | ${text} |`);
  return `${[
    INTRODUCTION,
    "## Exit codes\n",
    "| code | means |\n|---|---|",
    ...codes,
    "\n## Options of every command\n",
    optionTable(tree.options),
    ...leaves(tree).map(section),
  ].join("\n")}\n`;
}

function section({ path, description, usage, options }: CommandNode): string {
  const form = [path, usage.replace("[options]", "").trim(), options.length > 0 ? "[options]" : ""];
  const lines = [
    `\n## ${path}\n`,
    description,
    `\n\`waiver ${form.filter((part) => part).join(" ")}\``,
  ];
  if (options.length > 0) lines.push("", optionTable(options));
  lines.push("", answerText(path));
  return lines.join("\n");
}

function answerText(path: string): string {
  const without = WITHOUT_ANSWER[path];
  if (without !== undefined) return `It ${without}.`;
  const { description } = ANSWERS[path as keyof typeof ANSWERS];
  const how = LINE_ANSWERS.has(path) ? "one object a line" : "one object";
  const what = description === undefined || LINE_ANSWERS.has(path) ? "" : `: ${description}`;
  return `\`--json\`: ${how}${what}.`;
}

function optionTable(options: readonly OptionNode[]): string {
  const rows = options.map(({ flag, value, description, choices }) => {
    const form = value === null ? flag : `${flag} ${value}`;
    const words = choices.length === 0 ? "" : ` (${choices.join(", ")})`;
    return `| \`${form}\` | ${cell(description + words)} |`;
  });
  return ["| option | |", "|---|---|", ...rows].join("\n");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "\\<");

/** Names of files that are not what the code says. */
export function staleFiles(): string[] {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
  return [...generatedFiles()]
    .filter(([name, text]) => read(join(FOLDER, name)) !== text)
    .map(([name]) => name);
}

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    const stale = staleFiles();
    for (const name of stale) console.error(`docs/${name} is not what the code says`);
    if (stale.length > 0) console.error("Run: bun scripts/cli-docs.ts");
    process.exit(stale.length === 0 ? 0 : 1);
  }
  for (const [name, text] of generatedFiles()) writeFileSync(join(FOLDER, name), text);
}
