import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { columns, date, example, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const Webhooks = v.looseObject({
  webhooks: v.array(
    v.looseObject({
      webhook_id: v.string(),
      account_id: v.string(),
      url: v.string(),
      seq: v.number(),
      dead_letters: v.number(),
      error: v.nullable(v.string()),
    }),
  ),
});
const DeadLetters = v.looseObject({
  dead_letters: v.array(
    v.looseObject({ seq: v.number(), failed_at: v.number(), error: v.string() }),
  ),
});
const Deleted = v.looseObject({ webhook_id: v.string() });
const Resent = v.looseObject({ queued: v.number() });

const pathOf = (id: string, rest = ""): string => `/webhooks/${encodeURIComponent(id)}${rest}`;

export function addWebhookCommands(program: Program): void {
  const webhook = program
    .command("webhook")
    .description("Shows the webhooks of all users, and sends again what was given up.")
    .addHelpText("after", example("webhook list"));
  webhook
    .command("list")
    .description("Lists them, with how far each has come.")
    .addHelpText("after", example("webhook list"))
    .action(async () => {
      const globals = program.opts();
      print(globals.json, await ask(globals, "GET", "/webhooks", Webhooks), ({ webhooks }) =>
        columns(
          ["webhook", "account", "url", "seq", "dead letters", "last error"],
          webhooks.map((hook) => [
            ...[hook.webhook_id, hook.account_id, hook.url, hook.seq, hook.dead_letters],
            hook.error ?? "",
          ]),
        ),
      );
    });
  webhook
    .command("delete")
    .description("Ends one.")
    .argument("<id>", "webhook, such as whk_1")
    .addHelpText("after", example("webhook delete whk_1"))
    .action(async (id) => {
      const globals = program.opts();
      const answer = await ask(globals, "DELETE", pathOf(id), Deleted);
      print(globals.json, answer, ({ webhook_id }) => `${webhook_id} is deleted`);
    });
  webhook
    .command("dead-letters")
    .description("Lists the events that one was not able to deliver in a day.")
    .argument("<id>", "webhook, such as whk_1")
    .addHelpText("after", example("webhook dead-letters whk_1"))
    .action(async (id) => {
      const globals = program.opts();
      const answer = await ask(globals, "GET", pathOf(id, "/dead-letters"), DeadLetters);
      print(globals.json, answer, ({ dead_letters }) =>
        columns(
          ["seq", "given up", "error"],
          dead_letters.map(({ seq, failed_at, error }) => [seq, date(failed_at, ""), error]),
        ),
      );
    });
  webhook
    .command("resend")
    .description("Sends the dead letters of one again, until one fails.")
    .argument("<id>", "webhook, such as whk_1")
    .addHelpText("after", example("webhook resend whk_1"))
    .action(async (id) => {
      const globals = program.opts();
      const answer = await ask(globals, "POST", pathOf(id, "/dead-letters/resend"), Resent);
      print(globals.json, answer, ({ queued }) => `${queued} to be sent again`);
    });
}
