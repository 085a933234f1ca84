/**
 * Scripts with which shells complete commands, options and their fixed values. Each follows the words typed so far from
 * command to command, leaving out the values of options, and offers what can come there.
 */
import { allNodes, type CommandNode, type OptionNode } from "./command-tree.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, tree: CommandNode): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](tree);
}

/** Options whose values are files or directories. */
const isPath = ({ value }: OptionNode): boolean => value === "<file>" || value === "<dir>";

interface Parts {
  /** Every command but the program itself, as a chain of words with a space before each. */
  chains: string[];
  /** What can come after each chain. */
  words: [chain: string, words: string[]][];
  /** Flags whose value is any text. */
  anyValue: string[];
  /** Flags whose value is a path. */
  paths: string[];
  choices: [flag: string, choices: readonly string[]][];
  /** Flags of all three kinds. */
  valued: string[];
}

function partsOf(tree: CommandNode): Parts {
  const nodes = allNodes(tree);
  const globals = tree.options.map(({ flag }) => flag);
  const options = nodes.flatMap((node) => node.options).filter(({ value }) => value !== null);
  const chosen = options.filter(({ choices }) => choices.length > 0);
  const flagsOf = (of: readonly OptionNode[]): string[] => [...new Set(of.map(({ flag }) => flag))];
  const anyValue = flagsOf(options.filter((each) => !isPath(each) && each.choices.length === 0));
  const paths = flagsOf(options.filter(isPath));
  const choices = [...new Map(chosen.map(({ flag, choices }) => [flag, choices]))];
  return {
    chains: nodes.filter(({ path }) => path !== "").map(({ path }) => ` ${path}`),
    words: nodes.map((node) => [
      node.path === "" ? "" : ` ${node.path}`,
      [
        ...node.commands.map(({ path }) => lastWord(path)),
        ...node.options.map(({ flag }) => flag),
        ...(node === tree ? [] : globals),
        "--help",
      ],
    ]),
    anyValue,
    paths,
    choices,
    valued: [...anyValue, ...paths, ...choices.map(([flag]) => flag)],
  };
}

const lastWord = (path: string): string => path.slice(path.lastIndexOf(" ") + 1);
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const patterns = (texts: readonly string[]): string => texts.map(quoted).join("|");

/** How bash or zsh is told what may come. */
interface Offers {
  words(some: readonly string[]): string;
  paths: string;
  nothing: string;
}

/** For bash and zsh: offers what `$previous` takes, where it takes a value, and otherwise what may come after `$chain`. */
function offering({ words, anyValue, paths, choices }: Parts, offers: Offers): string[] {
  return [
    "  case $previous in",
    `    ${patterns(anyValue)}) ${offers.nothing}; return ;;`,
    `    ${patterns(paths)}) ${offers.paths}; return ;;`,
    ...choices.map(([flag, some]) => `    ${quoted(flag)}) ${offers.words(some)}; return ;;`),
    "  esac",
    '  case "$chain" in',
    ...words.map(([chain, some]) => `    ${quoted(chain)}) ${offers.words(some)} ;;`),
    "  esac",
  ];
}

function bashScript(tree: CommandNode): string {
  const parts = partsOf(tree);
  const { chains, valued } = parts;
  return lines([
    "# Completion of waiver for bash: source <(waiver completion bash)",
    "_waiver() {",
    `  local i before word chain='' current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}`,
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    `    before=\${COMP_WORDS[i-1]} word=\${COMP_WORDS[i]}; case $before in ${patterns(valued)}) continue ;; esac`,
    `    case "$chain $word" in ${patterns(chains)}) chain="$chain $word" ;; esac`,
    "  done",
    ...offering(parts, {
      words: (some) => `COMPREPLY=($(compgen -W ${quoted(some.join(" "))} -- "$current"))`,
      paths: 'COMPREPLY=($(compgen -f -- "$current"))',
      nothing: "COMPREPLY=()",
    }),
    "}",
    "complete -o filenames -F _waiver waiver",
  ]);
}

function zshScript(tree: CommandNode): string {
  const parts = partsOf(tree);
  const { chains, valued } = parts;
  return lines([
    "#compdef waiver",
    "# Completion of waiver for zsh: source <(waiver completion zsh), after compinit",
    "_waiver() {",
    "  local i chain='' previous=$words[CURRENT-1]",
    "  for ((i = 2; i < CURRENT; i++)); do",
    `    case $words[i-1] in ${patterns(valued)}) continue ;; esac`,
    `    case "$chain $words[i]" in ${patterns(chains)}) chain="$chain $words[i]" ;; esac`,
    "  done",
    ...offering(parts, {
      words: (some) => `compadd -- ${some.map(quoted).join(" ")}`,
      paths: "_files",
      nothing: ":",
    }),
    "}",
    "compdef _waiver waiver",
  ]);
}

function fishScript(tree: CommandNode): string {
  const { chains, valued } = partsOf(tree);
  const rows = allNodes(tree).flatMap((node) => {
    const here = `complete -c waiver -n ${quoted(`__waiver_at ${quoted(node.path)}`)}`;
    return [
      ...node.commands.map(
        ({ path, description }) =>
          `${here} -f -a ${quoted(lastWord(path))} -d ${quoted(firstSentence(description))}`,
      ),
      ...node.options.map((option) => `${here} ${fishOption(option)}`),
    ];
  });
  return lines([
    "# Completion of waiver for fish: waiver completion fish | source",
    "function __waiver_at",
    "  set -l chain ''",
    "  set -l previous ''",
    "  for word in (commandline -opc)[2..-1]",
    `    if not contains -- "$previous" ${valued.map(quoted).join(" ")}`,
    `      contains -- "$chain $word" ${chains.map(quoted).join(" ")}; and set chain "$chain $word"`,
    "    end",
    "    set previous $word",
    "  end",
    '  test (string trim -- "$chain") = "$argv[1]"',
    "end",
    "complete -c waiver -f",
    ...tree.options.map((option) => `complete -c waiver ${fishOption(option)}`),
    ...rows,
  ]);
}

function fishOption(option: OptionNode): string {
  const { flag, description, value, choices } = option;
  const takes = value === null ? [] : isPath(option) ? ["-r -F"] : ["-x"];
  const words = choices.length === 0 ? [] : [`-a ${quoted(choices.join(" "))}`];
  const long = `-l ${flag.slice("--".length)}`;
  return [long, ...takes, ...words, `-d ${quoted(firstSentence(description))}`].join(" ");
}

/** Without what stands in brackets after it. */
const firstSentence = (text: string): string => text.replace(/( \(|[.;:](\s|$)).*$/s, "");
const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;
