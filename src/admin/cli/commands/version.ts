import manifest from "../../../../package.json";
import { example } from "../example.ts";
import { print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addVersionCommand(program: Program): void {
  program
    .command("version")
    .description("Shows the version of this program.")
    .addHelpText("after", example("version"))
    .action(() => {
      const answer = { version: manifest.version, bun: process.versions.bun ?? "" };
      print(program, "version", answer, ({ version, bun }) => `waiver ${version} (Bun ${bun})`);
    });
}
