import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { columns, date, example, fields, print } from "../output.ts";
import { collectNetwork, collectPermission, parseDate } from "../parse.ts";
import type { Program } from "../root-command.ts";

const CreatedKey = v.looseObject({
  user_id: v.string(),
  api_key: v.string(),
  api_secret: v.string(),
});

const ListedKey = v.looseObject({
  api_key: v.string(),
  permissions: v.array(v.string()),
  created_at: v.number(),
  expires_at: v.nullable(v.number()),
  revoked_at: v.nullable(v.number()),
  allowed_addresses: v.array(v.string()),
});
const KeyList = v.looseObject({ keys: v.array(ListedKey) });

export function addKeyCommands(program: Program): void {
  const key = program
    .command("key")
    .description("Creates, lists, expires and revokes API keys.")
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
    .option(
      "--allow <network>",
      "where it may be used from, such as 192.0.2.0/24; may be repeated (default: anywhere)",
      collectNetwork,
    )
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
        allowed_addresses: options.allow,
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
    .command("list")
    .description("Lists the API keys of a user, also those that have ended.")
    .argument("<user>", "user id, such as usr_1")
    .addHelpText("after", example("key list usr_1"))
    .action(async (user) => {
      const globals = program.opts();
      const path = `/users/${encodeURIComponent(user)}/keys`;
      print(globals.json, await ask(globals, "GET", path, KeyList), ({ keys }) =>
        columns(
          ["key", "permissions", "from", "created", "expires", "revoked"],
          keys.map((listed) => [
            listed.api_key,
            listed.permissions.join(", "),
            listed.allowed_addresses.join("\n") || "anywhere",
            date(listed.created_at, ""),
            date(listed.expires_at, "never"),
            date(listed.revoked_at, "no"),
          ]),
        ),
      );
    });

  key
    .command("expire")
    .description("Sets when an API key ends; sessions that use it are closed then.")
    .argument("<key>", "API key, such as ak_0123456789abcdef01234567")
    .option("--at <date>", "first moment at which it no longer works (default: now)", parseDate)
    .option("--never", "it does not end by itself")
    .addHelpText("after", example("key expire ak_0123456789abcdef01234567 --at 2027-01-31"))
    .action(async (apiKey, { at, never }) => {
      const globals = program.opts();
      const expires_at = never === true ? null : (at ?? Date.now());
      const path = `/keys/${encodeURIComponent(apiKey)}`;
      print(
        globals.json,
        await ask(globals, "PATCH", path, ListedKey, { expires_at }),
        (answer) => `${answer.api_key} expires ${date(answer.expires_at, "never")}`,
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
        await ask(globals, "DELETE", path, ListedKey),
        ({ api_key, revoked_at }) => `${api_key} is revoked since ${date(revoked_at, "")}`,
      );
    });
}
