/**
 * Writes the files of `proto/` that are made from the code: `errors.md`, `messages.md`, `schema.json` and the
 * frames in `golden/`; and the types of the client's messages. `bun scripts/proto.ts` writes; with `--check` it
 * changes nothing and fails when a file differs from what it would write.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TSchema } from "@sinclair/typebox";
import { CLOSE_CODES } from "../src/protocol/close-codes.ts";
import { fieldsOf, typeText } from "../src/protocol/documents/field-list.ts";
import { ERROR_CODES, ERRORS } from "../src/protocol/errors.ts";
import {
  EXAMPLE_ID,
  errorExample,
  methodExamples,
  pushExamples,
} from "../src/protocol/examples.ts";
import { JSON_SCHEMA_DIALECT, publishedSchemas } from "../src/protocol/json-schema.ts";
import { encodeMessagePack } from "../src/protocol/message-pack.ts";
import { type AdminRouteSpec, adminRoutes } from "../src/protocol/schemas/admin.ts";
import { OrderStateResult } from "../src/protocol/schemas/orders.ts";
import { METHOD_NAMES, methods, PUSH_NAMES, pushes } from "../src/protocol/schemas.ts";
import { costText } from "../src/protocol/weight.ts";
import { MESSAGES_FILE, messagesText } from "./client-messages.ts";

const FOLDER = join(import.meta.dir, "../proto");
const GOLDEN = "golden";
const NOTICE = "<!-- Written by scripts/proto.ts from src/protocol/; change it there. -->";

/** Example messages by kind: `order.place.request`, `order.place.response`, `book.push`. */
export function exampleMessages(): Record<string, object> {
  const messages: Record<string, object> = {};
  for (const method of METHOD_NAMES) {
    const { params, result } = methodExamples[method];
    messages[`${method}.request`] = { id: EXAMPLE_ID, method, params };
    messages[`${method}.response`] = { id: EXAMPLE_ID, result };
  }
  messages["error.response"] = { id: EXAMPLE_ID, error: errorExample };
  for (const push of PUSH_NAMES) {
    messages[`${push}.push`] = { stream: pushes[push].stream, data: pushExamples[push] };
  }
  return messages;
}

/** The generated files: path within `proto/`, and text. */
export function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>();
  files.set("errors.md", errorsPage());
  files.set("messages.md", messagesPage());
  files.set("schema.json", schemaFile());
  for (const [kind, message] of Object.entries(exampleMessages())) {
    files.set(`${GOLDEN}/${kind}.txt`, goldenFrame(message));
  }
  return files;
}

/** Two lines: the JSON text, and the MessagePack in hexadecimal. */
function goldenFrame(message: object): string {
  const bytes = Buffer.from(encodeMessagePack(message));
  return `${JSON.stringify(message)}\n${bytes.toString("hex")}\n`;
}

/** All schemas in one document; those with a title stand there once, and are referred to. */
function schemaFile(): string {
  const definitions: Record<string, unknown> = {};
  const refer = (key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null || !("title" in value)) return value;
    if (key === value.title) return value;
    definitions[String(value.title)] = value;
    return { $ref: `#/$defs/${value.title}` };
  };
  const messages: unknown = JSON.parse(JSON.stringify(publishedSchemas(), refer));
  const document = {
    $schema: JSON_SCHEMA_DIALECT,
    $defs: { ...definitions, ...(messages as object) },
  };
  return `${JSON.stringify(document, refer, 2)}\n`;
}

function errorsPage(): string {
  const rows = ERROR_CODES.map((code) => {
    const { name, message, status } = ERRORS[code];
    return `| ${code} | ${name} | ${message} | ${status} |`;
  });
  const closes = Object.entries(CLOSE_CODES).map(([code, why]) => `| ${code} | ${why} |`);
  return page([
    "# Errors",
    "",
    'In a message: `{"id", "error": {"code", "message", "details"?}}`. Over HTTP the body is the error',
    "itself, and `status` its status. Switch on the code; messages may be reworded.",
    "",
    "| code | name | message | HTTP status |",
    "|---|---|---|---|",
    ...rows,
    "",
    "## Close codes",
    "",
    "With these the exchange closes a WebSocket connection. One that breaks off has no code; programs show 1006 for it.",
    "",
    "| code | why |",
    "|---|---|",
    ...closes,
  ]);
}

function messagesPage(): string {
  const lines = [
    "# Messages",
    "",
    "Units and rules that hold everywhere are in [README.md](README.md).",
    "",
  ];
  lines.push("## Order state", "", ...fieldTable(OrderStateResult));
  lines.push("## Methods", "");
  for (const name of METHOD_NAMES) lines.push(...methodSection(name));
  lines.push("## Pushes", "");
  for (const name of PUSH_NAMES) lines.push(...pushSection(name));
  lines.push("## Admin API", "");
  const routes: Record<string, AdminRouteSpec> = adminRoutes;
  for (const [route, { role, query, body, reply }] of Object.entries(routes)) {
    lines.push(`### ${route}`, "", `Takes the role \`${role}\`.`, "");
    if (query !== undefined) lines.push("Query:", "", ...fieldTable(query));
    if (body !== undefined) lines.push("Body:", "", ...fieldTable(body));
    lines.push("Reply:", "", ...fieldTable(reply));
  }
  return page(lines);
}

function methodSection(name: (typeof METHOD_NAMES)[number]): string[] {
  const { endpoints, permission, cost, params, result } = methods[name];
  const where = endpoints.map((endpoint) => `\`/${endpoint}\``).join(", ");
  const needs = permission === null ? "" : ` Permission: \`${permission}\`.`;
  const { params: exampleParams, result: exampleResult } = methodExamples[name];
  return [
    `### ${name}`,
    "",
    `On ${where}.${needs} Costs ${costText(cost)}.`,
    "",
    "Params:",
    "",
    ...fieldTable(params),
    "Result:",
    "",
    ...(result.title === "OrderState" ? [`${typeText(result, TITLES)}.`, ""] : fieldTable(result)),
    ...example(
      { id: EXAMPLE_ID, method: name, params: exampleParams },
      { id: EXAMPLE_ID, result: exampleResult },
    ),
  ];
}

function pushSection(name: (typeof PUSH_NAMES)[number]): string[] {
  const { stream, data } = pushes[name];
  return [
    `### ${name} push`,
    "",
    `Stream \`${stream}\`. Data:`,
    "",
    ...fieldTable(data),
    ...example({ stream, data: pushExamples[name] }),
  ];
}

function example(...messages: object[]): string[] {
  return ["```json", ...messages.map((message) => JSON.stringify(message)), "```", ""];
}

/** Where the page describes schemas of a title. */
const TITLES = {
  OrderState: "[order state](#order-state)",
  Order: "params of [order.place](#orderplace)",
  Symbol: "result of [symbols.get](#symbolsget)",
  Ticker: "result of [tickers.get](#tickersget)",
  Error: "[error](errors.md)",
};

function fieldTable(schema: TSchema): string[] {
  const rows = fieldsOf(schema, TITLES).map(
    ({ name, isOptional, type, description }) =>
      `| \`${name}\`${isOptional ? "?" : ""} | ${type} | ${cell(description)} |`,
  );
  if (rows.length === 0) return [`${schema.description ?? "None"}.`, ""];
  return ["| field | type | |", "|---|---|---|", ...rows, ""];
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
const page = (lines: string[]): string => `${[NOTICE, "", ...lines].join("\n").trimEnd()}\n`;

/** Paths whose content differs from what the code says; files that nothing generates any more too. */
export function staleFiles(folder: string): string[] {
  const files = generatedFiles();
  const stale = [...files].filter(([path, text]) => readText(join(folder, path)) !== text);
  const leftOver = goldenNames(folder).filter((path) => !files.has(path));
  return [...stale.map(([path]) => path), ...leftOver];
}

function goldenNames(folder: string): string[] {
  return readdirSync(join(folder, GOLDEN)).map((name) => `${GOLDEN}/${name}`);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function writeFiles(folder: string): void {
  rmSync(join(folder, GOLDEN), { recursive: true, force: true });
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(MESSAGES_FILE, messagesText());
}

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    const stale = staleFiles(FOLDER);
    for (const path of stale) console.error(`proto/${path} is not what the code says`);
    if (stale.length > 0) console.error("Run: bun scripts/proto.ts");
    process.exit(stale.length === 0 ? 0 : 1);
  }
  writeFiles(FOLDER);
}
