import { type Reply, request } from "../admin-client.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { example } from "../example.ts";
import { findPositions } from "../find-symbol.ts";
import { columns, date, fieldsOnce, print } from "../output.ts";
import {
  collectPermission,
  collectPosition,
  parseInteger,
  parseLimit,
  USER_HELP,
} from "../parse.ts";
import type { Program } from "../root-command.ts";
import { addUserPassword } from "./user-password.ts";
import { addUserSettings, rateLimits } from "./user-settings.ts";

type ListedUser = Reply<"GET /admin/v1/users">["users"][number];
type ListedKey = ListedUser["keys"][number];

export function addUserCommands(program: Program): void {
  const user = program
    .command("user")
    .description("Creates, lists, disables and enables users, and sets what they may and pay.")
    .addHelpText("after", example("user list"));

  user
    .command("create")
    .description("Creates a user with an account and an API key. The secret is shown only once.")
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
    .addHelpText("after", example("user create --name ann --cash 1000000 --position mahomes=100"))
    .action(async ({ name, permission, cash, position, ...limits }) => {
      const positions = await findPositions(program, position);
      const answer = await request(program, "POST /admin/v1/users", {
        body: {
          name,
          ...(permission !== undefined && { permissions: permission }),
          ...(cash !== undefined && { cash }),
          ...(positions !== undefined && { positions }),
          rate_limits: rateLimits(limits),
        },
        typed: { permissions: "--permission", positions: "--position" },
      });
      print(program, "user create", answer, ({ user_id, account_id, api_key, api_secret }) =>
        fieldsOnce("secret", { user_id, account_id, api_key, api_secret }),
      );
    });

  user
    .command("disable")
    .description(
      "Keeps everybody from logging in as a user; sessions and connections end at once, orders stay. Asks first.",
    )
    .argument("<user>", USER_HELP)
    .option(...YES_OPTION)
    .addHelpText("after", example("user disable usr_1"))
    .action(async (id, { yes }) => {
      await confirm(program, `Disable ${id}, and end all of its connections`, yes);
      const params = { id };
      const answer = await request(program, "POST /admin/v1/users/:id/disable", { params });
      print(program, "user disable", answer, standing);
    });

  user
    .command("enable")
    .description("Lets a user log in again.")
    .argument("<user>", USER_HELP)
    .addHelpText("after", example("user enable usr_1"))
    .action(async (id) => {
      const answer = await request(program, "POST /admin/v1/users/:id/enable", { params: { id } });
      print(program, "user enable", answer, standing);
    });

  addUserPassword(program, user);

  user
    .command("list")
    .description("Lists all users and their API keys.")
    .addHelpText("after", example("user list"))
    .action(async () => {
      const answer = await request(program, "GET /admin/v1/users");
      print(program, "user list", answer, ({ users }, width) =>
        columns(
          ["user", "name", "accounts", "permissions", "created", "keys"],
          users.map((listed) => [
            listed.user_id,
            listed.disabled_at === null ? listed.name : `${listed.name} (disabled)`,
            listed.account_ids.join(", "),
            listed.permissions.join(", "),
            date(listed.created_at),
            listed.keys.map((key) => keyLine(key, listed)).join("\n"),
          ]),
          width,
        ),
      );
    });

  addUserSettings(program, user);
}

const standing = ({ user_id, disabled_at }: ListedUser): string =>
  disabled_at === null
    ? `${user_id} may log in`
    : `${user_id} is disabled since ${date(disabled_at)}`;

/** A key as text. Its permissions are shown only when they differ from its user's. */
function keyLine(
  { api_key, permissions, expires_at, revoked_at }: ListedKey,
  user: ListedUser,
): string {
  const end =
    revoked_at === null ? `expires ${date(expires_at, "never")}` : `revoked ${date(revoked_at)}`;
  const own = Bun.deepEquals(permissions, user.permissions) ? "" : `${permissions.join(", ")}; `;
  return `${api_key} (${own}${end})`;
}
