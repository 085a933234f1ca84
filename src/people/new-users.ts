/** Users with an account of their own, however they come: made by an operator, or signed up. */
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
  /** The number that the next OPEN_ACCOUNT has to name. */
  nextAccount(): number;
}

export interface NewPerson {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly rateLimits?: Partial<RateLimits>;
  /** The hash of his password, if he has one. */
  readonly passwordHash?: string;
  /** What the account begins with. */
  readonly deposit: DepositBody;
  /** What is noted in the journal before the user exists, given his id. */
  note(id: string): string;
}

export class NewUsers {
  readonly #control: ControlPort;
  readonly #identity: IdentityStore;
  readonly #view: AccountsView;
  /** Account and user numbers are consecutive: two creations at once would ask for the same. */
  readonly #creation = new Serial();

  constructor(control: ControlPort, identity: IdentityStore, view: AccountsView) {
    this.#control = control;
    this.#identity = identity;
    this.#view = view;
  }

  /**
   * Opens an account, fills it, and only then creates its user. What is refused on the way, or a disk that does not take
   * the user, leaves an empty account that nobody owns, and a crash perhaps a filled one; never a user who lacks something.
   * The user's number is in the journal from then on, so that it is never given again. `control` takes the commands: an
   * operator's names him. Rejects with `HttpError` for what the core refuses, with `UnavailableError` when it takes nothing.
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
        await emptyAgain(control, parts, user);
        throw error;
      }
    });
  }
}

/** Takes back what a user who could not be created began with, and notes that he is none. */
async function emptyAgain(
  control: ControlPort,
  parts: readonly DepositPart[],
  user: number,
): Promise<void> {
  const text = `user.refused ${userId(user)}`;
  // Where that fails too, the next start tells of the account.
  await Promise.allSettled([
    applyDeposit(control, parts.map(reversed)),
    control.submit({ kind: CommandKind.NOTE, text }),
  ]);
}
