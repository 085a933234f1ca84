import { readAudit } from "../../audit/audit.ts";
import { EXIT_START_MISSING } from "../../audit/audit-pages.ts";
import { AUDIT_HEAD, auditText } from "../../audit/audit-text.ts";
import { JournalStartMissingError } from "../../audit/journal-replay.ts";
import {
  CONFIG_OPTION,
  findJournal,
  POINT_HELP,
  parseAccount,
  parsePoint,
  parseSymbol,
  parseUser,
  WAL_DIR_OPTION,
} from "../journal-options.ts";
import { LineOutput } from "../line-output.ts";
import { example } from "../output.ts";
import { parseLimit } from "../parse.ts";
import type { Program } from "../root-command.ts";

export function addAuditCommand(program: Program): void {
  program
    .command("audit")
    .description(
      "Shows who did what when and what came of it, worked out again from the journal. With --json one entry a line. " +
        "Exit code 3: the journal does not reach back so far.",
    )
    .option(...CONFIG_OPTION)
    .option(...WAL_DIR_OPTION)
    .option("--account <account>", "what it did and what happened to it", parseAccount)
    .option("--user <user>", "what the user did", parseUser)
    .option("--symbol <symbol>", "what was done on it and what happened on it", parseSymbol)
    .option("--from <place>", `from here on: ${POINT_HELP}`, parsePoint)
    .option("--to <place>", "up to here, likewise", parsePoint)
    .option("--limit <n>", "at most so many entries", parseLimit)
    .addHelpText("after", example("audit --account acc_1 --from 2027-01-31"))
    .action((options) => {
      const { account, user, symbol, from, to, limit = Number.POSITIVE_INFINITY } = options;
      const source = findJournal(program, options);
      const { json } = program.opts();
      const output = new LineOutput();
      let entries = 0;
      if (!json) output.write(AUDIT_HEAD);
      try {
        readAudit(source, { from, to }, { account, user, symbol }, (entry) => {
          const isRead = output.write(json ? JSON.stringify(entry) : auditText(entry));
          return ++entries < limit && isRead;
        });
      } catch (error) {
        if (!(error instanceof JournalStartMissingError)) throw error;
        console.error(`waiver: ${error.message}`);
        process.exitCode = EXIT_START_MISSING;
      } finally {
        output.flush();
      }
    });
}
