import { UNIX_PREFIX } from "../admin-client.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { example } from "../example.ts";
import type { Program } from "../root-command.ts";

export function addDashboardCommand(program: Program): void {
  program
    .command("dashboard")
    .description("Shows the running exchange live in the terminal: flow, books, health, tables.")
    .addHelpText("after", example("dashboard --data-dir ./data"))
    .action(async () => {
      if (program.opts().url.startsWith(UNIX_PREFIX)) {
        const message =
          "The dashboard hears the market over WebSockets, which the admin socket does not have: give --url the exchange's address.";
        throw new CliError(message, { exitCode: EXIT.usage });
      }
      // Loaded only here: the other commands start without it.
      const { runDashboard } = await import("../dashboard/run-dashboard.tsx");
      await runDashboard(program.opts());
    });
}
