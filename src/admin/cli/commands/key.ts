import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { date, example, fields, print } from "../output.ts";
import { collectPermission, parseDate } from "../parse.ts";
import type { Program } from "../root-command.ts";

const CreatedKey = v.looseObject({
  user_id: v.string(),
  api_key: v.string(),
  api_secret: v.string(),
});

const RevokedKey = v.looseObject({ api_key: v.string(), revoked_at: v.number() });

export function addKeyCommands(program: Program): void {
  const key = program
    .command("key")
    .description("Creates and revokes API keys.")
    .addHelpText("after", example("key create usr_1"));

  key
    .command("create")
    .description("Creates one more API key for a user. The secret is shown this once.")
    .argument("<user>", "user id, such as usr_1")
    .option(
      "--permission <permission>",
      "trade, market_data or admin; may be repeated (default: all that the user has)",
      collectPermission,
    )
    .option("--expires-at <date>", "first moment at which it no longer works", parseDate)
    .addHelpText(
      "after",
      example("key create usr_1 --permission market_data --expires-at 2027-01-31"),
    )
    .action(async (user, options) => {
      const globals = program.opts();
      const path = `/users/${encodeURIComponent(user)}/keys`;
      const answer = await ask(globals, "POST", path, CreatedKey, {
        permissions: options.permission,
        expires_at: options.expiresAt,
      });
      print(
        globals.json,
        answer,
        ({ user_id, api_key, api_secret }) =>
          `${fields({ user_id, api_key, api_secret })}\n` +
          "Keep the secret now: it cannot be shown again.",
      );
    });

  key
    .command("revoke")
    .description("Ends an API key at once; sessions that used it are closed.")
    .argument("<key>", "API key, such as ak_0123456789abcdef01234567")
    .addHelpText("after", example("key revoke ak_0123456789abcdef01234567"))
    .action(async (apiKey) => {
      const globals = program.opts();
      const path = `/keys/${encodeURIComponent(apiKey)}`;
      print(
        globals.json,
        await ask(globals, "DELETE", path, RevokedKey),
        ({ api_key, revoked_at }) => `${api_key} is revoked since ${date(revoked_at, "")}`,
      );
    });
}
