/** `waiver user password`: a new password for a user who has forgotten his. */

import { request } from "../admin-client.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { example } from "../example.ts";
import { fieldsOnce, print } from "../output.ts";
import { USER_HELP } from "../parse.ts";
import type { Group, Program } from "../root-command.ts";

export function addUserPassword(program: Program, user: Group): void {
  user
    .command("password")
    .description(
      "Gives a user who has forgotten his password a new one, which is shown only once; his sessions end, his keys stay. Asks first.",
    )
    .argument("<user>", USER_HELP)
    .option(...YES_OPTION)
    .addHelpText("after", example("user password usr_1"))
    .action(async (id, { yes }) => {
      await confirm(program, `Give ${id} another password, and end all of his sessions`, yes);
      const asked = { params: { id } };
      const answer = await request(program, "POST /admin/v1/users/:id/password", asked);
      print(program, "user password", answer, ({ user_id, name, password }) =>
        fieldsOnce("password", { user_id, name, password }),
      );
    });
}
