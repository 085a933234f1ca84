/** Makes users with an account of their own, for an operator as well as for a sign-up. */
import { CommandKind } from "../core/command.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import { type RateLimits, type User, userId } from "../identity/user.ts";
import { Serial } from "../lib/serial.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { DepositBody } from "../protocol/schemas/users.ts";
import type { ControlPort } from "../router/control.ts";
import { submitted } from "./core-reject.ts";
import {
  applyDeposit,
  type DepositPart,
  depositParts,
  reversed,
  type SymbolsView,
} from "./deposits.ts";

export interface AccountsView extends SymbolsView {
  /** The account number that the next OPEN_ACCOUNT has to name. */
  nextAccount(): number;
}

export interface NewPerson {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly rateLimits?: Partial<RateLimits>;
  /** The hash of the user's password, if there is one. */
  readonly passwordHash?: string;
  /** Cash and shares that the account begins with. */
  readonly deposit: DepositBody;
  /** The note that the journal gets before the user exists; `id` is the user's. */
  note(id: string): string;
}

export class NewUsers {
  readonly #control: ControlPort;
  readonly #identity: IdentityStore;
  readonly #view: AccountsView;
  /** Runs one creation at a time: the next account number is known only when the one before is open. */
  readonly #creation = new Serial();

  constructor(control: ControlPort, identity: IdentityStore, view: AccountsView) {
    this.#control = control;
    this.#identity = identity;
    this.#view = view;
  }

  /**
   * Opens an account, makes the deposit, and only then creates the user. A refusal on the way, or a disk that does not take
   * the user, leaves an empty account that nobody owns. A crash may leave a filled one. There is never a user without his
   * account or deposit. The journal then has the user's number, so it is never given again. `control` takes the commands;
   * the one of an operator notes his name. Rejects with `HttpError` when the core refuses a command, and with
   * `UnavailableError` when the exchange takes none.
   */
  create(person: NewPerson, control = this.#control): Promise<User> {
    return this.#creation.run(async () => {
      const account = this.#view.nextAccount();
      const user = this.#identity.takeUserNumber();
      const parts = depositParts(this.#view, account, person.deposit);
      const { OPEN_ACCOUNT, NOTE } = CommandKind;
      await submitted(control, { kind: OPEN_ACCOUNT, account, actor: user }, "account");
      await applyDeposit(control, parts);
      try {
        await submitted(control, { kind: NOTE, text: person.note(userId(user)) }, "note");
        return await this.#identity.createUser({
          number: user,
          name: person.name,
          permissions: person.permissions,
          rateLimits: person.rateLimits ?? {},
          accountNumber: account,
          ...(person.passwordHash !== undefined && { passwordHash: person.passwordHash }),
        });
      } catch (error) {
        await reverseAll(control, parts, user);
        throw error;
      }
    });
  }
}

/** Reverses the deposit of a user who could not be created, and notes in the journal that there is no such user. */
async function reverseAll(
  control: ControlPort,
  parts: readonly DepositPart[],
  user: number,
): Promise<void> {
  const text = `user.refused ${userId(user)}`;
  // When that fails too, the next start logs that nobody owns the account.
  await Promise.allSettled([
    applyDeposit(control, parts.map(reversed)),
    control.submit({ kind: CommandKind.NOTE, text }),
  ]);
}
