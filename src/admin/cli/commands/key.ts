import { Option } from "@commander-js/extra-typings";
import { request } from "../admin-client.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { example } from "../example.ts";
import { columns, date, fieldsOnce, print } from "../output.ts";
import { collectNetwork, collectPermission, parseDate, USER_HELP } from "../parse.ts";
import type { Program } from "../root-command.ts";

const KEY_HELP = "API key, such as ak_0123456789abcdef01234567";

export function addKeyCommands(program: Program): void {
  const key = program
    .command("key")
    .description("Creates, lists, expires and revokes API keys.")
    .addHelpText("after", example("key create usr_1"));

  key
    .command("create")
    .description("Creates one more API key for a user. The secret is shown only once.")
    .argument("<user>", USER_HELP)
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
    .option(
      "--account <account>",
      "the only account that it may use, such as acc_2 (default: all that the user has)",
    )
    .addHelpText(
      "after",
      example("key create usr_1 --permission market_data --expires-at 2027-01-31"),
    )
    .action(async (user, options) => {
      const { permission, expiresAt, allow, account } = options;
      const answer = await request(program, "POST /admin/v1/users/:id/keys", {
        params: { id: user },
        body: {
          ...(permission !== undefined && { permissions: permission }),
          ...(expiresAt !== undefined && { expires_at: expiresAt }),
          ...(allow !== undefined && { allowed_addresses: allow }),
          ...(account !== undefined && { account_id: account }),
        },
        typed: {
          permissions: "--permission",
          allowed_addresses: "--allow",
          account_id: "--account",
        },
      });
      print(program, "key create", answer, ({ user_id, api_key, api_secret }) =>
        fieldsOnce("secret", { user_id, api_key, api_secret }),
      );
    });

  key
    .command("list")
    .description("Lists the API keys of a user, also those that have ended.")
    .argument("<user>", USER_HELP)
    .addHelpText("after", example("key list usr_1"))
    .action(async (user) => {
      const params = { id: user };
      const answer = await request(program, "GET /admin/v1/users/:id/keys", { params });
      print(program, "key list", answer, ({ keys }, width) =>
        columns(
          ["key", "permissions", "account", "from", "created", "expires", "revoked"],
          keys.map((listed) => [
            listed.api_key,
            listed.permissions.join(", "),
            listed.account_id ?? "all",
            listed.allowed_addresses.join("\n") || "anywhere",
            date(listed.created_at),
            date(listed.expires_at, "never"),
            date(listed.revoked_at, "no"),
          ]),
          width,
        ),
      );
    });

  key
    .command("expire")
    .description("Sets when an API key ends; sessions that use it are closed then.")
    .argument("<key>", KEY_HELP)
    .option("--at <date>", "first moment at which it no longer works (default: now)", parseDate)
    .addOption(new Option("--never", "it does not end by itself").conflicts("at"))
    .addHelpText("after", example("key expire ak_0123456789abcdef01234567 --at 2027-01-31"))
    .action(async (apiKey, { at, never }) => {
      const expires_at = never === true ? null : (at ?? Date.now());
      const asked = {
        params: { key: apiKey },
        body: { expires_at },
        typed: { expires_at: "--at" },
      };
      const answer = await request(program, "PATCH /admin/v1/keys/:key", asked);
      print(program, "key expire", answer, (key) => {
        return `${key.api_key} expires ${date(key.expires_at, "never")}`;
      });
    });

  key
    .command("revoke")
    .description(
      "Ends an API key at once and for good; sessions that used it are closed. Asks first.",
    )
    .argument("<key>", KEY_HELP)
    .option(...YES_OPTION)
    .addHelpText("after", example("key revoke ak_0123456789abcdef01234567"))
    .action(async (apiKey, { yes }) => {
      await confirm(program, `Revoke ${apiKey} for good`, yes);
      const asked = { params: { key: apiKey } };
      const answer = await request(program, "DELETE /admin/v1/keys/:key", asked);
      print(program, "key revoke", answer, ({ api_key, revoked_at }) => {
        return `${api_key} is revoked since ${date(revoked_at)}`;
      });
    });
}
