import { readAudit } from "../../audit/audit.ts";
import { EXIT_START_MISSING } from "../../audit/audit-pages.ts";
import { AUDIT_HEAD, auditText } from "../../audit/audit-text.ts";
import { JournalStartMissingError } from "../../audit/journal-replay.ts";
import { CliError } from "../cli-error.ts";
import { SYMBOL_HELP } from "../find-symbol.ts";
import {
  CONFIG_OPTION,
  findJournal,
  POINT_HELP,
  parseAccount,
  parsePoint,
  parseUser,
  playersOf,
  WAL_DIR_OPTION,
} from "../journal-options.ts";
import { example } from "../output.ts";
import { parseLimit } from "../parse.ts";
import type { Program } from "../root-command.ts";
import { titled, withNames } from "../symbol-names.ts";

export function addAuditCommand(program: Program): void {
  program
    .command("audit")
    .description(
      "Shows who did what and when, and what came of it, computed again from the journal. With --json one entry a line. " +
        "Exit code 3: the journal does not reach back so far.",
    )
    .option(...CONFIG_OPTION)
    .option(...WAL_DIR_OPTION)
    .option("--account <account>", "what it did and what happened to it", parseAccount)
    .option("--user <user>", "what the user did", parseUser)
    .option("--by <name>", "what the operator with the token of this name did")
    .option("--symbol <symbol>", `what was done and happened on it: ${SYMBOL_HELP}`)
    .option("--from <place>", `from here on: ${POINT_HELP}`, parsePoint)
    .option("--to <place>", "up to here, likewise", parsePoint)
    .option("--limit <n>", "at most so many entries", parseLimit)
    .addHelpText("after", example("audit --account acc_1 --from 2027-01-31"))
    .action(async (options) => {
      const { account, user, by, from, to, limit = Number.POSITIVE_INFINITY } = options;
      const source = findJournal(program, options);
      const players = playersOf(program, source);
      const symbol = await players.find(options.symbol);
      const { json } = program.opts();
      const { terminal } = program;
      const titles = players.titles();
      let entries = 0;
      if (!json) terminal.out(`${AUDIT_HEAD}\n`);
      try {
        readAudit(source, { from, to }, { account, user, by, symbol }, (entry) => {
          const line = json
            ? JSON.stringify(withNames(entry, titles))
            : titled(auditText(entry), titles);
          const isRead = terminal.out(`${line}\n`);
          return ++entries < limit && isRead;
        });
      } catch (error) {
        if (!(error instanceof JournalStartMissingError)) throw error;
        throw new CliError(error.message, { exitCode: EXIT_START_MISSING, cause: error });
      }
    });
}
