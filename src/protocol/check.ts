/**
 * Checks of request params, compiled from the schemas, each when it is first needed. Compiling needs `new Function`,
 * so a browser page with a strict content security policy imports the schemas but not this file.
 */
import type { TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { clipped, ISSUES_MAX, type Issue, mismatch, REQUIRED, UNKNOWN_PARAMETER } from "./issue.ts";
import { dropNulls } from "./null-members.ts";
import { ruleIssues } from "./rules.ts";
import { METHOD_NAMES, type MethodName, methods } from "./schemas.ts";

/** Null when the value is what the schema takes; otherwise its faults, at least one and at most `ISSUES_MAX`. */
export type Check = (value: unknown) => Issue[] | null;

const checks = Object.fromEntries(
  METHOD_NAMES.map((name) => [name, compileCheck(methods[name].params)]),
) as Record<MethodName, Check>;

/**
 * The check of one schema. It is compiled, in a few milliseconds, by the first value: most of the hundred schemas of an
 * exchange never meet one, and together they take a tenth of its start. A null for an optional member is the same as
 * leaving it out: it is taken out of the value.
 */
export function compileCheck(schema: TSchema): Check {
  let compiled: TypeCheck<TSchema> | null = null;
  return (value) => {
    compiled ??= TypeCompiler.Compile(schema);
    const check = compiled;
    // Only a value that is refused is searched for nulls, so valid values do not pay for it.
    if (check.Check(value) || (dropNulls(schema, value) && check.Check(value))) return null;
    return schemaIssues(check, value);
  };
}

/**
 * Null when `params` is what `method` takes (then it is a `Params<method>`); otherwise its faults,
 * at least one and at most `ISSUES_MAX`. Never throws, whatever `params` is.
 */
export function checkParams(method: MethodName, params: unknown): Issue[] | null {
  return checks[method](params) ?? ruleIssues(method, params);
}

/** Collects one fault a field, the first that the schema finds there. */
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

/** What is wrong with a member of that name: where the names are free, they have a form. */
function unknownMember({ patternProperties, memberName }: TSchema): string {
  if (patternProperties === undefined) return UNKNOWN_PARAMETER;
  return `Name must be ${memberName ?? `matching ${Object.keys(patternProperties)}`}`;
}

/** A JSON pointer as a dotted name; the params themselves are "params". */
function fieldOf(pointer: string): string {
  if (pointer === "") return "params";
  const parts = pointer.slice(1).split("/");
  return clipped(parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).join("."));
}
