import { Option } from "@commander-js/extra-typings";
import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { columns, date, example, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const ROLES = ["read", "operate", "money"] as const;
const Created = v.looseObject({ name: v.string(), role: v.string(), token: v.string() });
const Listed = v.looseObject({
  name: v.string(),
  role: v.string(),
  created_at: v.number(),
  revoked_at: v.nullable(v.number()),
});
const List = v.looseObject({ tokens: v.array(Listed) });

export function addAdminTokenCommands(program: Program): void {
  const token = program
    .command("admin-token")
    .description("Creates, lists and revokes tokens for operators, each with a name and a role.")
    .addHelpText("after", example("admin-token list"));

  token
    .command("create")
    .description("Creates a token, which is shown this once. It takes the root token.")
    .requiredOption("--name <name>", "whom the audit is to name: 1 to 28 letters, digits, . - _")
    .addOption(
      new Option(
        "--role <role>",
        "read: looks; operate: also halts, cancels, schedules, manages users and keys; money: also deposits, withdraws and sets fees",
      )
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .addHelpText("after", example("admin-token create --name ann --role operate"))
    .action(async (body) => {
      const globals = program.opts();
      const answer = await ask(globals, "POST", "/admin-tokens", Created, body);
      print(
        globals.json,
        answer,
        (created) =>
          `${fields({ name: created.name, role: created.role, token: created.token })}\n` +
          "Keep the token now: it cannot be shown again.",
      );
    });

  token
    .command("list")
    .description("Lists the tokens, also those that were revoked, without their secrets.")
    .addHelpText("after", example("admin-token list"))
    .action(async () => {
      const globals = program.opts();
      print(globals.json, await ask(globals, "GET", "/admin-tokens", List), ({ tokens }) =>
        columns(
          ["name", "role", "created", "revoked"],
          tokens.map((each) => [
            each.name,
            each.role,
            date(each.created_at, ""),
            date(each.revoked_at, "no"),
          ]),
        ),
      );
    });

  token
    .command("revoke")
    .description("Ends a token at once. It takes the root token.")
    .argument("<name>", "its name")
    .addHelpText("after", example("admin-token revoke ann"))
    .action(async (name) => {
      const globals = program.opts();
      const path = `/admin-tokens/${encodeURIComponent(name)}`;
      print(
        globals.json,
        await ask(globals, "DELETE", path, Listed),
        (revoked) => `${revoked.name} is revoked since ${date(revoked.revoked_at, "")}`,
      );
    });
}
