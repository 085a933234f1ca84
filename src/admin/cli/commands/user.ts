import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { findPositions } from "../find-symbol.ts";
import { columns, date, example, fields, print } from "../output.ts";
import { collectPermission, collectPosition, parseInteger, parseLimit } from "../parse.ts";
import type { Program } from "../root-command.ts";

const CreatedUser = v.looseObject({
  user_id: v.string(),
  account_id: v.string(),
  api_key: v.string(),
  api_secret: v.string(),
});

const UserList = v.looseObject({
  users: v.array(
    v.looseObject({
      user_id: v.string(),
      name: v.string(),
      account_ids: v.array(v.string()),
      permissions: v.array(v.string()),
      created_at: v.number(),
      disabled_at: v.nullable(v.number()),
      keys: v.array(
        v.looseObject({
          api_key: v.string(),
          permissions: v.array(v.string()),
          expires_at: v.nullable(v.number()),
          revoked_at: v.nullable(v.number()),
        }),
      ),
    }),
  ),
});
const SwitchedUser = v.looseObject({ user_id: v.string(), disabled_at: v.nullable(v.number()) });
type ListedUser = v.InferOutput<typeof UserList>["users"][number];
type ListedKey = ListedUser["keys"][number];

export function addUserCommands(program: Program): void {
  const user = userCommand(program);

  user
    .command("create")
    .description("Creates a user with an account and an API key. The secret is shown this once.")
    .requiredOption("--name <name>", "1 to 64 characters")
    .option("--cash <cents>", "cash in cents: 1000000 is $10,000.00", parseInteger)
    .option("--position <symbol=shares>", "shares to begin with; may be repeated", collectPosition)
    .option(
      "--permission <permission>",
      "trade, market_data or admin; may be repeated (default: trade and market_data)",
      collectPermission,
    )
    .option("--orders-per-second <n>", "instead of the configured limit", parseLimit)
    .option("--market-data-per-second <n>", "instead of the configured limit", parseLimit)
    .option("--burst-limit <n>", "instead of the configured limit", parseLimit)
    .addHelpText("after", example("user create --name ann --cash 1000000 --position SYMBOL_1=100"))
    .action(async (options) => {
      const globals = program.opts();
      const answer = await ask(globals, "POST", "/users", CreatedUser, {
        name: options.name,
        permissions: options.permission,
        cash: options.cash,
        positions: await findPositions(globals, options.position),
        rate_limits: {
          orders_per_second: options.ordersPerSecond,
          market_data_per_second: options.marketDataPerSecond,
          burst_limit: options.burstLimit,
        },
      });
      print(
        globals.json,
        answer,
        ({ user_id, account_id, api_key, api_secret }) =>
          `${fields({ user_id, account_id, api_key, api_secret })}\n` +
          "Keep the secret now: it cannot be shown again.",
      );
    });

  addSwitch(
    program,
    user,
    "disable",
    "Keeps everybody from logging in as a user; sessions and connections end at once, orders stay.",
  );
  addSwitch(program, user, "enable", "Lets a user log in again.");

  user
    .command("list")
    .description("Lists all users and their API keys.")
    .addHelpText("after", example("user list"))
    .action(async () => {
      const globals = program.opts();
      print(globals.json, await ask(globals, "GET", "/users", UserList), ({ users }) =>
        columns(
          ["user", "name", "accounts", "permissions", "created", "keys"],
          users.map((listed) => [
            listed.user_id,
            listed.disabled_at === null ? listed.name : `${listed.name} (disabled)`,
            listed.account_ids.join(", "),
            listed.permissions.join(", "),
            date(listed.created_at, ""),
            listed.keys.map(keyLine).join("\n"),
          ]),
        ),
      );
    });
}

type UserCommand = ReturnType<typeof userCommand>;

function userCommand(program: Program) {
  return program
    .command("user")
    .description("Creates, lists, disables and enables users.")
    .addHelpText("after", example("user list"));
}

function addSwitch(
  program: Program,
  user: UserCommand,
  name: "disable" | "enable",
  what: string,
): void {
  user
    .command(name)
    .description(what)
    .argument("<user>", "user id, such as usr_1")
    .addHelpText("after", example(`user ${name} usr_1`))
    .action(async (id) => {
      const globals = program.opts();
      const path = `/users/${encodeURIComponent(id)}/${name}`;
      print(
        globals.json,
        await ask(globals, "POST", path, SwitchedUser, {}),
        ({ user_id, disabled_at }) =>
          disabled_at === null
            ? `${user_id} may log in`
            : `${user_id} is disabled since ${date(disabled_at, "")}`,
      );
    });
}

function keyLine({ api_key, permissions, expires_at, revoked_at }: ListedKey): string {
  const end =
    revoked_at === null
      ? `expires ${date(expires_at, "never")}`
      : `revoked ${date(revoked_at, "")}`;
  return `${api_key} (${permissions.join(", ")}; ${end})`;
}
