import { type Reply, request } from "../admin-client.ts";
import { example } from "../example.ts";
import { date, print } from "../output.ts";
import { parseDate } from "../parse.ts";
import type { Program } from "../root-command.ts";

type Window = Reply<"POST /admin/v1/maintenance">;

const line = ({ id, starts_at, ends_at, phase, message }: Window): string =>
  `${id}  ${date(starts_at)} to ${date(ends_at)}  ${phase}  ${message}`;

export function addMaintenanceCommands(program: Program): void {
  const maintenance = program
    .command("maintenance")
    .description("Closes the exchange for a time that is announced beforehand.")
    .addHelpText("after", example("maintenance list"));
  maintenance
    .command("schedule")
    .description("Schedules a window.")
    .requiredOption("--from <date>", "when it closes, such as 2027-01-31T06:00:00Z", parseDate)
    .requiredOption("--to <date>", "when it opens again", parseDate)
    .argument("<message>", "why, for users")
    .addHelpText(
      "after",
      example(
        'maintenance schedule --from 2027-01-31T06:00:00Z --to 2027-01-31T07:00:00Z "New disks"',
      ),
    )
    .action(async (message, { from, to }) => {
      const body = { starts_at: from, ends_at: to, message };
      const typed = { starts_at: "--from", ends_at: "--to" };
      const answer = await request(program, "POST /admin/v1/maintenance", { body, typed });
      print(program, "maintenance schedule", answer, line);
    });
  maintenance
    .command("cancel")
    .description("Cancels a window, or ends one that has begun.")
    .argument("<id>", "window, such as mnt_1")
    .addHelpText("after", example("maintenance cancel mnt_1"))
    .action(async (id) => {
      const answer = await request(program, "DELETE /admin/v1/maintenance/:id", { params: { id } });
      print(program, "maintenance cancel", answer, line);
    });
  maintenance
    .command("list")
    .description("Shows what is scheduled and what is under way.")
    .addHelpText("after", example("maintenance list"))
    .action(async () => {
      const answer = await request(program, "GET /admin/v1/maintenance");
      print(program, "maintenance list", answer, ({ maintenance: windows }) =>
        windows.length === 0 ? "Nothing is scheduled" : windows.map(line).join("\n"),
      );
    });
}
