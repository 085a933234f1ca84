import { askHealth, UNIX_PREFIX } from "../admin-client.ts";
import { CliError, EXIT, ExitWith } from "../cli-error.ts";
import { example } from "../example.ts";
import { fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addLiveCommand(program: Program): void {
  program
    .command("live")
    .description(
      "Says whether the process works, for whoever restarts it when it does not. Exit code 1 when it does not, or nobody answers. " +
        "Needs no admin token.",
    )
    .addHelpText("after", example("live"))
    .action(async () => {
      const { url } = program.opts();
      if (url.startsWith(UNIX_PREFIX)) {
        const why = "asks a listener of clients, so --url cannot be an admin socket.";
        throw new CliError(`live ${why}`, { exitCode: EXIT.usage });
      }
      const answer = await askHealth({ url });
      print(program, "live", answer, fields);
      if (answer.status !== "ok") throw new ExitWith(EXIT.failed);
    });
}
