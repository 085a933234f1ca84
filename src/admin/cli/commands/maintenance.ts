import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { example, print } from "../output.ts";
import { parseDate } from "../parse.ts";
import type { Program } from "../root-command.ts";

const Window = v.looseObject({
  id: v.string(),
  starts_at: v.number(),
  ends_at: v.number(),
  message: v.string(),
  phase: v.string(),
});
const Windows = v.looseObject({ maintenance: v.array(Window) });

const line = ({ id, starts_at, ends_at, phase, message }: v.InferOutput<typeof Window>): string =>
  `${id}  ${new Date(starts_at).toISOString()} to ${new Date(ends_at).toISOString()}  ${phase}  ${message}`;

export function addMaintenanceCommands(program: Program): void {
  const maintenance = program
    .command("maintenance")
    .description("Closes the exchange for a time that is told ahead.")
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
      const globals = program.opts();
      print(globals.json, await ask(globals, "POST", "/maintenance", Window, body), line);
    });
  maintenance
    .command("cancel")
    .description("Takes a window back, or ends one that has begun.")
    .argument("<id>", "window, such as mnt_1")
    .addHelpText("after", example("maintenance cancel mnt_1"))
    .action(async (id) => {
      const globals = program.opts();
      const path = `/maintenance/${encodeURIComponent(id)}`;
      print(globals.json, await ask(globals, "DELETE", path, Window), line);
    });
  maintenance
    .command("list")
    .description("Shows what is scheduled and what is under way.")
    .addHelpText("after", example("maintenance list"))
    .action(async () => {
      const globals = program.opts();
      const answer = await ask(globals, "GET", "/maintenance", Windows);
      print(globals.json, answer, ({ maintenance: windows }) =>
        windows.length === 0 ? "Nothing is scheduled" : windows.map(line).join("\n"),
      );
    });
}
