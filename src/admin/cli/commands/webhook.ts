import { request } from "../admin-client.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { example } from "../example.ts";
import { columns, date, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addWebhookCommands(program: Program): void {
  const webhook = program
    .command("webhook")
    .description("Shows the webhooks of all users, and sends again what was given up.")
    .addHelpText("after", example("webhook list"));
  webhook
    .command("list")
    .description("Lists the webhooks, with how far each has come.")
    .addHelpText("after", example("webhook list"))
    .action(async () => {
      const answer = await request(program, "GET /admin/v1/webhooks");
      print(program, "webhook list", answer, ({ webhooks }, width) =>
        columns(
          ["webhook", "account", "url", "seq", "dead letters", "last error"],
          webhooks.map((hook) => [
            ...[hook.webhook_id, hook.account_id, hook.url, hook.seq, hook.dead_letters],
            hook.error ?? "",
          ]),
          width,
        ),
      );
    });
  webhook
    .command("delete")
    .description("Ends a webhook. Asks first.")
    .argument("<id>", "webhook, such as whk_1")
    .option(...YES_OPTION)
    .addHelpText("after", example("webhook delete whk_1"))
    .action(async (id, { yes }) => {
      await confirm(program, `End ${id} for good`, yes);
      const answer = await request(program, "DELETE /admin/v1/webhooks/:id", { params: { id } });
      print(program, "webhook delete", answer, ({ webhook_id }) => `${webhook_id} is deleted`);
    });
  webhook
    .command("dead-letters")
    .description("Lists the events that a webhook could not deliver within a day.")
    .argument("<id>", "webhook, such as whk_1")
    .addHelpText("after", example("webhook dead-letters whk_1"))
    .action(async (id) => {
      const route = "GET /admin/v1/webhooks/:id/dead-letters";
      const answer = await request(program, route, { params: { id } });
      print(program, "webhook dead-letters", answer, ({ dead_letters }, width) =>
        columns(
          ["seq", "given up", "error"],
          dead_letters.map(({ seq, failed_at, error }) => [seq, date(failed_at), error]),
          width,
        ),
      );
    });
  webhook
    .command("resend")
    .description("Sends the dead letters of a webhook again, until one fails.")
    .argument("<id>", "webhook, such as whk_1")
    .addHelpText("after", example("webhook resend whk_1"))
    .action(async (id) => {
      const route = "POST /admin/v1/webhooks/:id/dead-letters/resend";
      const answer = await request(program, route, { params: { id } });
      print(program, "webhook resend", answer, ({ queued }) => `${queued} to be sent again`);
    });
}
