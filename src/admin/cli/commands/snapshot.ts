import { request } from "../admin-client.ts";
import { example } from "../example.ts";
import { fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addSnapshotCommand(program: Program): void {
  program
    .command("snapshot")
    .description("Makes a running exchange take a snapshot now. Trading goes on.")
    .addHelpText("after", example("snapshot"))
    .action(async () => {
      print(program, "snapshot", await request(program, "POST /admin/v1/snapshot"), fields);
    });
}
