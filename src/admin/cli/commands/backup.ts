import { resolve } from "node:path";
import { request } from "../admin-client.ts";
import { example } from "../example.ts";
import { fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

/** A day: a long journal on a slow disk. */
const TIMEOUT_MS = 86_400_000;

export function addBackupCommand(program: Program): void {
  program
    .command("backup")
    .description(
      "Copies the running exchange to a directory of its machine, and checks the copy. Trading goes on. Needs the root token.",
    )
    .requiredOption("--to <dir>", "the copy: a directory that is empty or does not exist")
    .addHelpText("after", example("backup --to /backups/2027-01-31"))
    .action(async ({ to }) => {
      const asked = { body: { to: resolve(to) }, timeoutMs: TIMEOUT_MS };
      const made = await request(program, "POST /admin/v1/backup", asked);
      print(
        program,
        "backup",
        made,
        ({ directory, tick, seq, segments, snapshots, bytes }) =>
          `${fields({ directory, tick, seq, segments, snapshots, bytes })}\n` +
          "It is checked and whole. To restore: stop the exchange, then\n" +
          `  waiver serve --data-dir ${directory}\n` +
          "with the configuration that it had, without wal_dir and snapshot_dir; better start on a copy of the backup. A new root\n" +
          "token is made.",
      );
    });
}
