import { Option } from "@commander-js/extra-typings";
import { newestAudit, readAudit } from "../../audit/audit.ts";
import { EXIT_START_MISSING } from "../../audit/audit-pages.ts";
import { AUDIT_HEAD, auditLines } from "../../audit/audit-text.ts";
import { JournalStartMissingError } from "../../audit/journal-replay.ts";
import { type AuditOptions, askAudit, type Print } from "../asked-audit.ts";
import { CliError } from "../cli-error.ts";
import { example } from "../example.ts";
import { SYMBOL_HELP, symbolTitles } from "../find-symbol.ts";
import {
  asksExchange,
  assertInOrder,
  CONFIG_OPTION,
  findJournal,
  POINT_HELP,
  parseAccount,
  parsePoint,
  parseUser,
  playersOf,
  WAL_DIR_OPTION,
} from "../journal-options.ts";
import { printable } from "../output.ts";
import { parseLimit } from "../parse.ts";
import { withBar } from "../progress.ts";
import type { Program } from "../root-command.ts";
import { type SymbolTitles, titled, withNames } from "../symbol-names.ts";

const NEWEST_DEFAULT = 20;

export function addAuditCommand(program: Program): void {
  program
    .command("audit")
    .description(
      "Shows who did what and when, and what came of it, computed again from the journal: the newest, or with --from or --all " +
        "one after the other from there on. The journal is the one in the data directory, or with --url alone that of the " +
        "running exchange. With --json one entry a line. Exit code 3: the journal does not reach back so far.",
    )
    .option(...CONFIG_OPTION)
    .option(...WAL_DIR_OPTION)
    .option("--account <account>", "what it did and what happened to it", parseAccount)
    .option("--user <user>", "what the user did", parseUser)
    .option("--by <name>", "what the operator with the token of this name did")
    .option("--symbol <symbol>", `what was done and happened on it: ${SYMBOL_HELP}`)
    .option("--from <place>", `from here on: ${POINT_HELP}`, parsePoint)
    .option("--to <place>", "up to here, likewise", parsePoint)
    .addOption(new Option("--all", "from the first record on").conflicts("from").default(false))
    .option(
      "--limit <n>",
      `at most so many entries: the newest (default: ${NEWEST_DEFAULT}, with --json all), or with --from or --all the first (default: all)`,
      parseLimit,
    )
    .addHelpText("after", example("audit --account acc_1 --from 2027-01-31"))
    .action(async (options) => {
      assertInOrder(program, options);
      const isWhole = program.opts().json && options.limit === undefined;
      const asked = { ...options, all: options.all || isWhole };
      const find = asksExchange(program, options) ? show : read;
      const hasEarlier = await find(program, asked);
      if (hasEarlier && options.limit === undefined) {
        program.terminal.err(
          "Earlier entries are left out: --limit <n> shows more, --from <place> those from there on, --all every one.\n",
        );
      }
    });
}

/** Shows the audit of a running exchange; returns whether earlier entries are left out. */
async function show(program: Program, options: AuditOptions): Promise<boolean> {
  const print = entryPrinter(program, await symbolTitles(program));
  return askAudit(program, options, NEWEST_DEFAULT, print);
}

/** Shows the audit of the journal on disk; returns whether earlier entries are left out. */
async function read(program: Program, options: AuditOptions): Promise<boolean> {
  const { account, user, by, from, to, all } = options;
  const source = findJournal(program, options);
  const players = playersOf(program, source);
  const filter = { account, user, by, symbol: await players.find(options.symbol) };
  const print = entryPrinter(program, players.titles());
  try {
    if (all || from !== undefined) {
      const { limit = Number.POSITIVE_INFINITY } = options;
      let entries = 0;
      readAudit(source, { from, to }, filter, (entry) => {
        const isRead = print(entry);
        return ++entries < limit && isRead;
      });
      return false;
    }
    const { limit = NEWEST_DEFAULT } = options;
    const { entries, hasEarlier } = await withBar(program.terminal, "reading", (bar) =>
      newestAudit(source, to, filter, limit, (tick) => bar.update(0, 0, `tick ${tick}`)),
    );
    entries.every(print);
    return hasEarlier;
  } catch (error) {
    if (!(error instanceof JournalStartMissingError)) throw error;
    throw new CliError(error.message, { exitCode: EXIT_START_MISSING, cause: error });
  }
}

/** Makes a function that prints entries, and prints the heading if there is one. */
function entryPrinter(program: Program, titles: SymbolTitles): Print {
  const { terminal } = program;
  if (program.opts().json) {
    return (entry) => terminal.out(`${JSON.stringify(withNames(entry, titles))}\n`);
  }
  terminal.out(`${AUDIT_HEAD}\n`);
  return (entry) => {
    const lines = auditLines(entry).map((line) => printable(titled(line, titles)));
    return terminal.out(`${lines.join("\n")}\n`);
  };
}
