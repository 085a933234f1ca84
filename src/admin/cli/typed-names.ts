/** Replaces the admin API's field names in errors by the options and arguments that the operator typed. */

import type { Issue } from "../../protocol/issue.ts";

/** The members of a `commander` command that are read here. */
interface Typed {
  readonly options: readonly { readonly flags: string; readonly long?: string | undefined }[];
  readonly registeredArguments: readonly { name(): string }[];
}

/** The command that sent a request, and how its fields were typed. */
export interface Naming {
  command: Typed;
  /** Parts of the path: they are the command's first argument, unless there is an option of their name. */
  params: Readonly<Record<string, string>>;
  /** The option or argument of each field that is not called like its option. */
  typed: Readonly<Record<string, string>>;
}

/**
 * What was typed for a field: `--burst-limit` for `rate_limits.burst_limit`, `--position SYMBOL_1` for
 * `positions.SYMBOL_1`; `field` itself when nothing was.
 */
function typedName(field: string, naming: Naming): string {
  const parts = field.split(".");
  for (const [i, part] of parts.entries()) {
    const name = nameOf(part, naming);
    if (name === undefined) continue;
    const rest = parts.slice(i + 1).filter((each) => !/^\d+$/.test(each));
    return [name, ...rest].join(" ");
  }
  return field;
}

/** The command that lists things of a kind, for an operator who has mistyped one. */
const LISTED_BY: Readonly<Record<string, string>> = {
  user: "user list",
  account: "user list",
  key: "user list",
  window: "maintenance list",
  webhook: "webhook list",
  "admin token": "admin-token list",
};

/** An issue of a refusal in the operator's words, such as `--to: Must be after --from`. */
export function typedIssue({ field, issue, got }: Issue, naming: Naming): string {
  const words = field.split(".").at(-1)?.replaceAll("_", " ") ?? "";
  // The text of a schema's fault begins with the field's name.
  const isNamed = issue.toLowerCase().startsWith(`${words} must `);
  const said = isNamed ? `M${issue.slice(words.length + 2)}` : issue;
  const list = LISTED_BY[/^There is no ([a-z ]+) \S+$/.exec(said)?.[1] ?? ""];
  if (list !== undefined)
    return `${typedName(field, naming)}: ${said}: \`waiver ${list}\` lists them`;
  const inWords = said.replaceAll(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => typedName(name, naming));
  const name = typedName(field, naming);
  const text = `${name}: ${inWords}${got === undefined ? "" : `, got ${got}`}`;
  return isDate(name, naming) ? text.replaceAll(/\b\d{13}\b/g, dateOf) : text;
}

/** Whether the option `name` takes a date. The admin API takes milliseconds for it. */
function isDate(name: string, { command }: Naming): boolean {
  return command.options.some(({ flags, long }) => long === name && flags.includes("<date>"));
}

const dateOf = (milliseconds: string): string => new Date(Number(milliseconds)).toISOString();

function nameOf(part: string, { command, params, typed }: Naming): string | undefined {
  if (typed[part] !== undefined) return typed[part];
  const flag = `--${part.replaceAll("_", "-")}`;
  if (command.options.some(({ long }) => long === flag)) return flag;
  const [first] = command.registeredArguments;
  const own = command.registeredArguments.find((argument) => argument.name() === part);
  const argument = own ?? (part in params ? first : undefined);
  return argument === undefined ? undefined : `<${argument.name()}>`;
}
