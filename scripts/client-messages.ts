/**
 * `packages/client/src/messages.ts`, the types of all messages, from the schemas of `src/protocol/`. `bun run proto` writes
 * it; a test fails when the file and the schemas differ.
 */
import { join } from "node:path";
import type { TSchema } from "@sinclair/typebox";
import {
  memberLines,
  NAMED_TYPES,
  namesWithin,
  TYPE_NAMES,
  typeOf,
} from "../src/protocol/documents/type-script.ts";
import { ERROR_CODES, ERRORS } from "../src/protocol/errors.ts";
import { METHOD_NAMES, methods, PUSH_NAMES, pushes } from "../src/protocol/schemas.ts";

export const MESSAGES_FILE = join(import.meta.dir, "../packages/client/src/messages.ts");

/** The text of the file. */
export function messagesText(): string {
  const sections = [
    "/** Every message of the exchange as a type. Written by scripts/proto.ts from src/protocol/; change it there. */",
    errorCodes(),
    ...Object.values(NAMED_TYPES).map(({ name, schema, isGiven }) =>
      interfaceText(name, schema, isGiven),
    ),
  ];
  const rows: string[] = [];
  for (const method of METHOD_NAMES) {
    const { params, result } = methods[method];
    const pascal = pascalCase(method);
    sections.push(...ownInterface(`${pascal}Params`, params, true));
    sections.push(...ownInterface(`${pascal}Result`, result));
    const types = [typeName(`${pascal}Params`, params), typeName(`${pascal}Result`, result)];
    rows.push(`  "${method}": { params: ${types[0]}; result: ${types[1]} };`);
  }
  sections.push(
    [
      "/** By method, what goes in and what comes out. */",
      "export interface Methods {",
      ...rows,
      "}",
    ].join("\n"),
    endpoints(),
  );
  for (const push of PUSH_NAMES) sections.push(interfaceText(pushType(push), pushes[push].data));
  sections.push(pushTables());
  return `${sections.join("\n\n")}\n`;
}

function interfaceText(name: string, schema: TSchema, isGiven = false): string {
  const lines = memberLines(schema, { names: namesWithin(schema), takesUndefined: isGiven });
  if (lines.length === 0) return `export type ${name} = Record<string, never>;`;
  return [`export interface ${name} {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");
}

/** Nothing for a schema that is one of the named ones. */
function ownInterface(name: string, schema: TSchema, isGiven = false): string[] {
  return Object.hasOwn(TYPE_NAMES, schema.title ?? "")
    ? []
    : [interfaceText(name, schema, isGiven)];
}

function typeName(name: string, schema: TSchema): string {
  return Object.hasOwn(TYPE_NAMES, schema.title ?? "")
    ? typeOf(schema, { names: TYPE_NAMES })
    : name;
}

function errorCodes(): string {
  const rows = ERROR_CODES.map((code) => {
    const { name, message } = ERRORS[code];
    return `  /** ${message}. */\n  ${name}: ${code},`;
  });
  return [
    "/** The codes of refusals. Later versions of an exchange may have more. */",
    "export const ErrorCode = {",
    ...rows,
    "} as const;",
    "export type ErrorName = keyof typeof ErrorCode;",
    "export type ErrorCode = (typeof ErrorCode)[ErrorName];",
  ].join("\n");
}

function endpoints(): string {
  const rows = METHOD_NAMES.map(
    (method) =>
      `  "${method}": ${JSON.stringify(methods[method].endpoints).replaceAll(",", ", ")},`,
  );
  return [
    "export type MethodName = keyof Methods;",
    'export type Params<M extends MethodName> = Methods[M]["params"];',
    'export type Result<M extends MethodName> = Methods[M]["result"];',
    'export type Endpoint = "orders" | "market-data" | "user-data";',
    "",
    "/** Where each method is served. */",
    "export const METHOD_ENDPOINTS: { readonly [M in MethodName]: readonly Endpoint[] } = {",
    ...rows,
    "};",
  ].join("\n");
}

function pushTables(): string {
  const types = PUSH_NAMES.map((push) => `  ${push}: ${pushType(push)};`);
  const streams = PUSH_NAMES.map((push) => `  ${push}: "${pushes[push].stream}",`);
  return [
    "/** By push, its data. */",
    "export interface Pushes {",
    ...types,
    "}",
    "export type PushName = keyof Pushes;",
    "export type PushData<P extends PushName> = Pushes[P];",
    "",
    "/** The stream of each push. */",
    "export const PUSH_STREAMS = {",
    ...streams,
    "} as const satisfies Record<PushName, string>;",
  ].join("\n");
}

const pushType = (push: string): string => `${pascalCase(push)}Push`;

/** `orders.cancel_all_after` is `OrdersCancelAllAfter`. */
function pascalCase(name: string): string {
  return name
    .split(/[._]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}
