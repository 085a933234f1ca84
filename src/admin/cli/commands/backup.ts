import { resolve } from "node:path";
import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { example, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const Made = v.looseObject({
  directory: v.string(),
  tick: v.number(),
  seq: v.number(),
  segments: v.number(),
  snapshots: v.number(),
  bytes: v.number(),
});
/** A day: a long journal on a slow disk. */
const TIMEOUT_MS = 86_400_000;

export function addBackupCommand(program: Program): void {
  program
    .command("backup")
    .description(
      "Has a running exchange copy itself to a directory of its machine, and check the copy; it goes on trading meanwhile. It takes the root token.",
    )
    .requiredOption("--to <dir>", "the copy: a directory that is empty or not there")
    .addHelpText("after", example("backup --to /backups/2027-01-31"))
    .action(async ({ to }) => {
      const globals = program.opts();
      const body = { to: resolve(to) };
      const made = await ask(globals, "POST", "/backup", Made, body, TIMEOUT_MS);
      print(
        globals.json,
        made,
        ({ directory, tick, seq, segments, snapshots, bytes }) =>
          `${fields({ directory, tick, seq, segments, snapshots, bytes })}\n` +
          "It is checked and whole. To restore: stop the exchange, then\n" +
          `  waiver serve --data-dir ${directory}\n` +
          "with the configuration that it had; better start on a copy of the backup. A new root token is made.",
      );
    });
}
