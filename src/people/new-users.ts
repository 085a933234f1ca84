/** Makes users with an account of their own, and further accounts of users, for an operator as well as for a sign-up. */
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
    return this.#creation.run(() => {
      const number = this.#identity.takeUserNumber();
      const refused = `user.refused ${userId(number)}`;
      return this.#opened(control, number, person.deposit, refused, async (accountNumber) => {
        const text = person.note(userId(number));
        await submitted(control, { kind: CommandKind.NOTE, text }, "note");
        const { name, permissions, rateLimits = {}, passwordHash } = person;
        const user = { number, name, permissions, rateLimits, accountNumber };
        const password = passwordHash === undefined ? {} : { passwordHash };
        return this.#identity.createUser({ ...user, ...password });
      });
    });
  }

  /**
   * Opens another account of a user, makes the deposit, and only then gives the account to the user. Resolves with its
   * number. A refusal or a crash on the way leaves an account that nobody owns, as with `create`. Rejects as `create` does.
   */
  openAccount(user: number, deposit: DepositBody, control = this.#control): Promise<number> {
    return this.#creation.run(async () => {
      const refused = `account.refused ${userId(user)}`;
      return this.#opened(control, user, deposit, refused, async (account) => {
        await this.#identity.addAccount(user, account);
        return account;
      });
    });
  }

  /**
   * Opens an account for a user, makes the deposit, and has `own` make the user its owner. When `own` fails, the deposit is
   * reversed, and the journal notes `refused`. While the disk takes no users, no account is opened: one that nobody owns
   * keeps its place in the table for ever.
   */
  async #opened<T>(
    control: ControlPort,
    user: number,
    deposit: DepositBody,
    refused: string,
    own: (account: number) => Promise<T>,
  ): Promise<T> {
    await this.#identity.expectWritable();
    const account = this.#view.nextAccount();
    const parts = depositParts(this.#view, account, deposit);
    const open = { kind: CommandKind.OPEN_ACCOUNT, account, actor: user };
    await submitted(control, open, "account");
    await applyDeposit(control, parts);
    try {
      return await own(account);
    } catch (error) {
      await reverseAll(control, parts, refused);
      throw error;
    }
  }
}

/** Reverses the deposit into an account that got no owner, and notes that in the journal. */
async function reverseAll(
  control: ControlPort,
  parts: readonly DepositPart[],
  text: string,
): Promise<void> {
  // When that fails too, the next start logs that nobody owns the account.
  await Promise.allSettled([
    applyDeposit(control, parts.map(reversed)),
    control.submit({ kind: CommandKind.NOTE, text }),
  ]);
}
