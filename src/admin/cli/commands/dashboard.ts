import { example } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addDashboardCommand(program: Program): void {
  program
    .command("dashboard")
    .description("Shows the running exchange live in the terminal: flow, books, health, tables.")
    .addHelpText("after", example("dashboard --data-dir ./data"))
    .action(async () => {
      // Loaded only here: the other commands start without it.
      const { runDashboard } = await import("../dashboard/run-dashboard.tsx");
      await runDashboard(program.opts());
    });
}
