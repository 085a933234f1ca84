/** Lets users change their passwords. */
import { CommandKind } from "../core/command.ts";
import { HttpError, httpError } from "../gateway/http/responses.ts";
import { orThrow } from "../gateway/http/session-answers.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { TokenSession } from "../identity/token-session.ts";
import { userId } from "../identity/user.ts";
import { Serial } from "../lib/serial.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import type { PasswordBody } from "../protocol/schemas/people.ts";
import type { ControlPort } from "../router/control.ts";
import type { Login } from "../trading/login.ts";
import type { PasswordLogins } from "../trading/password-logins.ts";
import { submitted } from "./core-reject.ts";
import { assertNotTheName } from "./sign-ups.ts";

export interface PasswordsParts {
  identity: IdentityStore;
  control: ControlPort;
  passwordLogins: PasswordLogins;
}

export class Passwords {
  readonly #parts: PasswordsParts;
  /** Runs one change at a time. Of two that were asked for with the same present password, the second finds a new one. */
  readonly #changes = new Serial();

  constructor(parts: PasswordsParts) {
    this.#parts = parts;
  }

  /**
   * Gives the user of a session a new password. His other sessions end. His keys stay, because he can list and revoke them
   * himself. Rejects with `HttpError`: 40101 when the present password is wrong, 40001 when the new one is the name, 40300
   * when he has none, 40102 when the session has ended, 42904 and 50300 when there are too many requests.
   */
  async change({ caller, session }: Login, body: PasswordBody, address: string): Promise<void> {
    const { identity, control, passwordLogins } = this.#parts;
    const { passwords } = identity;
    const { number, name } = caller.user;
    const before = passwords.mark(number);
    if (before === undefined) {
      throw httpError(ErrorCode.PERMISSION_MISSING, "This user has no password");
    }
    assertNotTheName(name, body.new_password, "new_password");
    const shown = await passwordLogins.verify(name, body.password, address);
    if ("code" in shown && shown.code === ErrorCode.WRONG_CREDENTIALS) throw wrong();
    orThrow(shown);
    const hash = await passwordLogins.hash(body.new_password, address);
    if (typeof hash !== "string") throw new HttpError(hash);
    await this.#changes.run(async () => {
      if (passwords.mark(number) !== before) throw wrong();
      const text = `user.password ${userId(number)}`;
      await submitted(control, { kind: CommandKind.NOTE, text }, "note");
      if (await passwords.change(number, hash, before, session as TokenSession)) return;
      throw httpError(ErrorCode.KEY_NOT_VALID, "Session ended");
    });
  }
}

function wrong(): HttpError {
  const details = { field: "password", issue: "Not the present password" };
  return new HttpError(errorBody(ErrorCode.WRONG_CREDENTIALS, details, "Wrong password"));
}
