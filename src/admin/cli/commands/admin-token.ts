import { Option } from "@commander-js/extra-typings";
import { GIVEN_ROLES } from "../../../protocol/schemas/admin.ts";
import { request } from "../admin-client.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { example } from "../example.ts";
import { columns, date, fieldsOnce, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addAdminTokenCommands(program: Program): void {
  const token = program
    .command("admin-token")
    .description("Creates, lists and revokes tokens for operators, each with a name and a role.")
    .addHelpText("after", example("admin-token list"));

  token
    .command("create")
    .description("Creates a token, which is shown only once. Needs the root token.")
    .requiredOption(
      "--name <name>",
      "the name that the audit shows: 1 to 28 letters, digits, . - _",
    )
    .addOption(
      new Option(
        "--role <role>",
        "what it may. read: looks; operate: also halts, cancels, schedules, manages users and keys; money: also deposits, withdraws and sets fees",
      )
        .choices(GIVEN_ROLES)
        .makeOptionMandatory(),
    )
    .addHelpText("after", example("admin-token create --name ann --role operate"))
    .action(async (body) => {
      const answer = await request(program, "POST /admin/v1/admin-tokens", { body });
      print(program, "admin-token create", answer, ({ name, role, token }) =>
        fieldsOnce("token", { name, role, token }),
      );
    });

  token
    .command("list")
    .description("Lists the tokens, also those that were revoked, without their secrets.")
    .addHelpText("after", example("admin-token list"))
    .action(async () => {
      const answer = await request(program, "GET /admin/v1/admin-tokens");
      print(program, "admin-token list", answer, ({ tokens }, width) =>
        columns(
          ["name", "role", "created", "revoked"],
          tokens.map((each) => [
            each.name,
            each.role,
            date(each.created_at),
            date(each.revoked_at, "no"),
          ]),
          width,
        ),
      );
    });

  token
    .command("revoke")
    .description("Ends a token at once. Needs the root token. Asks first.")
    .argument("<name>", "its name")
    .option(...YES_OPTION)
    .addHelpText("after", example("admin-token revoke ann"))
    .action(async (name, { yes }) => {
      await confirm(program, `Revoke the admin token ${name} for good`, yes);
      const params = { name };
      const answer = await request(program, "DELETE /admin/v1/admin-tokens/:name", { params });
      print(program, "admin-token revoke", answer, (revoked) => {
        return `${revoked.name} is revoked since ${date(revoked.revoked_at)}`;
      });
    });
}
