/** The commands as a tree of plain objects, for completion scripts and documents. */
import type { Program } from "./root-command.ts";

export interface OptionNode {
  /** `--name` */
  flag: string;
  description: string;
  /** As in the help, `<name>`; null when the option takes no value. */
  value: string | null;
  choices: readonly string[];
}

export interface CommandNode {
  /** Without `waiver`: `user create`; "" is the program itself. */
  path: string;
  description: string;
  /** As in the help: `<user>` */
  usage: string;
  options: readonly OptionNode[];
  commands: readonly CommandNode[];
}

/** The members of a `commander` command that are read here. */
interface Source {
  name(): string;
  description(): string;
  usage(): string;
  readonly options: readonly {
    readonly long?: string | undefined;
    readonly flags: string;
    readonly description: string;
    readonly argChoices?: readonly string[] | undefined;
  }[];
  readonly commands: readonly Source[];
}

export function commandTree(program: Program): CommandNode {
  return nodeOf(program as unknown as Source, "");
}

/** The commands below `node`, itself included, that have no subcommands. */
export function leaves(node: CommandNode): CommandNode[] {
  return node.commands.length === 0 ? [node] : node.commands.flatMap(leaves);
}

/** The node itself, and all nodes below it. */
export function allNodes(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap(allNodes)];
}

function nodeOf(source: Source, path: string): CommandNode {
  return {
    path,
    description: source.description(),
    usage: source.usage(),
    options: source.options.map(({ long, flags, description, argChoices }) => ({
      flag: long ?? flags,
      description,
      value: /[<[].*[>\]]/.exec(flags)?.[0] ?? null,
      choices: argChoices ?? [],
    })),
    commands: source.commands.map((each) => nodeOf(each, `${path} ${each.name()}`.trimStart())),
  };
}
