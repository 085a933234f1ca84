/**
 * Scripts with which shells complete commands, options, their fixed values and symbols. Each script follows the
 * words typed so far from command to command, skips the values of options, and offers what can come next. It
 * gets symbols from a running exchange with `waiver completion symbols`, and passes on the typed options that
 * say which exchange.
 */
import { allNodes, type CommandNode, type OptionNode } from "./command-tree.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, tree: CommandNode): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](tree);
}

/** Options whose values are files or directories. */
const isPath = ({ value }: OptionNode): boolean => value === "<file>" || value === "<dir>";

/** Whether a symbol can come as the command's argument, or as the option's value. */
const takesSymbol = ({ usage }: CommandNode): boolean => /[<[]symbol[>\]]/.test(usage);
const isSymbol = ({ value }: OptionNode): boolean => value === "<symbol>";

/** Options that say which exchange is asked. */
const WHICH_EXCHANGE = ["--url", "--token", "--token-file", "--data-dir"] as const;

interface Parts {
  /** Every command but the program itself, as a chain of words with a space before each. */
  chains: string[];
  /** What can come after each chain, and whether a symbol can. */
  words: [chain: string, words: string[], takesSymbol: boolean][];
  /** Flags whose value is any text. */
  anyValue: string[];
  /** Flags whose value is a path. */
  paths: string[];
  choices: [flag: string, choices: readonly string[]][];
  /** Flags whose value is a symbol. */
  symbols: string[];
  /** Flags of all four kinds: those that take a value. */
  valued: string[];
}

function partsOf(tree: CommandNode): Parts {
  const nodes = allNodes(tree);
  const globals = tree.options.map(({ flag }) => flag);
  const options = nodes.flatMap((node) => node.options).filter(({ value }) => value !== null);
  const chosen = options.filter(({ choices }) => choices.length > 0);
  const flagsOf = (of: readonly OptionNode[]): string[] => [...new Set(of.map(({ flag }) => flag))];
  const isAny = (each: OptionNode): boolean =>
    !isPath(each) && !isSymbol(each) && each.choices.length === 0;
  const anyValue = flagsOf(options.filter(isAny));
  const symbols = flagsOf(options.filter(isSymbol));
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
      takesSymbol(node),
    ]),
    anyValue,
    paths,
    choices,
    symbols,
    valued: [...anyValue, ...paths, ...symbols, ...choices.map(([flag]) => flag)],
  };
}

const lastWord = (path: string): string => path.slice(path.lastIndexOf(" ") + 1);
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const patterns = (texts: readonly string[]): string => texts.map(quoted).join("|");

/** How a script for bash or zsh offers words, paths or nothing. */
interface Offers {
  words(some: readonly string[]): string;
  paths: string;
  nothing: string;
}

/** For bash and zsh: offers what `$previous` takes, where it takes a value, and otherwise what may come after `$chain`. */
function offering({ words, anyValue, paths, choices, symbols }: Parts, offers: Offers): string[] {
  return [
    "  case $previous in",
    `    ${patterns(anyValue)}) ${offers.nothing}; return ;;`,
    `    ${patterns(paths)}) ${offers.paths}; return ;;`,
    `    ${patterns(symbols)}) ${offers.nothing}; _waiver_symbols; return ;;`,
    ...choices.map(([flag, some]) => `    ${quoted(flag)}) ${offers.words(some)}; return ;;`),
    "  esac",
    '  case "$chain" in',
    ...words.map(
      ([chain, some, hasSymbols]) =>
        `    ${quoted(chain)}) ${offers.words(some)}${hasSymbols ? "; _waiver_symbols" : ""} ;;`,
    ),
    "  esac",
  ];
}

function bashScript(tree: CommandNode): string {
  const parts = partsOf(tree);
  const { chains, valued } = parts;
  return lines([
    "# Completion of waiver for bash: source <(waiver completion bash)",
    "_waiver_symbols() {",
    "  case $current in -*) return ;; esac",
    "  local i; local -a line which=()",
    // COMP_WORDS splits addresses at their colons.
    '  read -ra line <<< "$COMP_LINE"',
    `  for ((i = 1; i < \${#line[@]}; i++)); do\n    case \${line[i-1]} in ${WHICH_EXCHANGE.join("|")}) which+=("\${line[i-1]}" "\${line[i]/#\\~/$HOME}") ;; esac`,
    `    case \${line[i]} in ${WHICH_EXCHANGE.map((flag) => `${flag}=*`).join("|")}) which+=("\${line[i]}") ;; esac`,
    "  done",
    `  COMPREPLY+=($("\${COMP_WORDS[0]}" \${which[@]+"\${which[@]}"} completion symbols -- "$current" 2>/dev/null))`,
    "}",
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
    "_waiver_symbols() {",
    "  [[ $words[CURRENT] == -* ]] && return",
    "  local i; local -a which",
    "  for ((i = 2; i < CURRENT; i++)); do",
    `    case $words[i-1] in ${WHICH_EXCHANGE.join("|")}) which+=($words[i-1] \${~words[i]}) ;; esac`,
    `    case $words[i] in ${WHICH_EXCHANGE.map((flag) => `${flag}=*`).join("|")}) which+=($words[i]) ;; esac`,
    "  done",
    `  compadd -M 'm:{a-zA-Z}={A-Za-z}' -- \${(f)"$($words[1] $which completion symbols -- "$words[CURRENT]" 2>/dev/null)"}`,
    "}",
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
      ...(takesSymbol(node) ? [`${here} -f -a '(__waiver_symbols)'`] : []),
      ...node.options.map((option) => `${here} ${fishOption(option)}`),
    ];
  });
  return lines([
    "# Completion of waiver for fish: waiver completion fish | source",
    "function __waiver_symbols",
    "  set -l words (commandline -opc)",
    "  set -l which",
    "  for i in (seq 2 (count $words))",
    "    set -l before $words[(math $i - 1)]",
    `    contains -- $before ${WHICH_EXCHANGE.join(" ")}; and set -a which $before $words[$i]`,
    `    string match -qr -- '^(${WHICH_EXCHANGE.join("|")})=' $words[$i]; and set -a which $words[$i]`,
    "  end",
    "  $words[1] $which completion symbols -- (commandline -ct) 2>/dev/null",
    "end",
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
  const offered = isSymbol(option) ? "(__waiver_symbols)" : choices.join(" ");
  const words = offered === "" ? [] : [`-a ${quoted(offered)}`];
  const long = `-l ${flag.slice("--".length)}`;
  return [long, ...takes, ...words, `-d ${quoted(firstSentence(description))}`].join(" ");
}

/** The first sentence of a text, without a bracket at its end. */
const firstSentence = (text: string): string => text.replace(/( \(|[.;:](\s|$)).*$/s, "");
const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;
