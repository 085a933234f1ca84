/**
 * Checks of request params, compiled from the schemas. Compiling needs `new Function`, so a browser page with a strict
 * content security policy may import the schemas, but not this file.
 */
import type { TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { clipped, ISSUES_MAX, type Issue, mismatch, REQUIRED, UNKNOWN_PARAMETER } from "./issue.ts";
import { dropNulls } from "./null-members.ts";
import { ruleIssues } from "./rules.ts";
import { METHOD_NAMES, type MethodName, methods } from "./schemas.ts";

/** Returns null when the value fits the schema; otherwise its faults, at least one and at most `ISSUES_MAX`. */
export type Check = (value: unknown) => Issue[] | null;

const checks = Object.fromEntries(
  METHOD_NAMES.map((name) => [name, compileCheck(methods[name].params)]),
) as Record<MethodName, Check>;

/**
 * The check of one schema. The first value compiles it, in a few milliseconds: most of the hundred schemas of an exchange are
 * never used, and compiling all would be a tenth of its start. Null for an optional member means the same as leaving the
 * member out; the check removes it from the value.
 */
export function compileCheck(schema: TSchema): Check {
  let compiled: TypeCheck<TSchema> | null = null;
  return (value) => {
    compiled ??= TypeCompiler.Compile(schema);
    const check = compiled;
    // Only a value that does not fit is searched for nulls, so that valid values take no time for it.
    if (check.Check(value) || (dropNulls(schema, value) && check.Check(value))) return null;
    return schemaIssues(check, value);
  };
}

/**
 * Checks the params of a request, with the rules between fields. Returns null when they are good, and so a `Params<method>`;
 * otherwise the faults, at least one and at most `ISSUES_MAX`. Never throws, whatever `params` is.
 */
export function checkParams(method: MethodName, params: unknown): Issue[] | null {
  return checks[method](params) ?? ruleIssues(method, params);
}

/** Collects one fault for each field, the first that the schema finds there. */
function schemaIssues(check: TypeCheck<TSchema>, params: unknown): Issue[] {
  const issues = new Map<string, Issue>();
  for (const error of check.Errors(params)) {
    const field = fieldOf(error.path);
    if (!issues.has(field)) issues.set(field, issueOf(field, error));
    if (issues.size === ISSUES_MAX) break;
  }
  return [...issues.values()];
}

function issueOf(field: string, error: ValueError): Issue {
  switch (error.type) {
    case ValueErrorType.ObjectRequiredProperty:
      return { field, issue: REQUIRED };
    case ValueErrorType.ObjectAdditionalProperties:
      return { field, issue: unknownMember(error.schema) };
    case ValueErrorType.ArrayUniqueItems:
      return { field, issue: "Must not name anything twice" };
    default:
      return mismatch(field, error.schema, error.value);
  }
}

/** What is wrong with an unknown member. Some objects allow any member whose name has a certain form. */
function unknownMember({ patternProperties, memberName }: TSchema): string {
  if (patternProperties === undefined) return UNKNOWN_PARAMETER;
  return `Name must be ${memberName ?? `matching ${Object.keys(patternProperties)}`}`;
}

/** A JSON pointer as a dotted name; "params" for the params themselves. */
function fieldOf(pointer: string): string {
  if (pointer === "") return "params";
  const parts = pointer.slice(1).split("/");
  return clipped(parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).join("."));
}
