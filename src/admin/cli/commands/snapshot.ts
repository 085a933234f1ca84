import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { example, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const Taken = v.record(v.string(), v.union([v.string(), v.number()]));

export function addSnapshotCommand(program: Program): void {
  program
    .command("snapshot")
    .description("Has a running exchange take a snapshot now; it goes on trading meanwhile.")
    .addHelpText("after", example("snapshot"))
    .action(async () => {
      const globals = program.opts();
      const taken = await ask(globals, "POST", "/snapshot", Taken);
      print(globals.json, taken, fields);
    });
}
