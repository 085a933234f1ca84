/** Makes and ends API keys of users, and notes each change in the journal. */
import { CommandKind } from "../core/command.ts";
import { httpError, invalidField } from "../gateway/http/responses.ts";
import { type ApiKey, issueCredentials } from "../identity/api-key.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import { type User, userId } from "../identity/user.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { accountNumber } from "../protocol/names.ts";
import type { CreateKeyBody, CreateKeyReply, ListedKey } from "../protocol/schemas/users.ts";
import type { ControlPort } from "../router/control.ts";
import { submitted } from "./core-reject.ts";
import { listedKey } from "./listed-key.ts";
import { takenAway } from "./taken-away.ts";

export class UserKeys {
  readonly #control: ControlPort;
  readonly #identity: IdentityStore;

  constructor(control: ControlPort, identity: IdentityStore) {
    this.#control = control;
    this.#identity = identity;
  }

  /** All keys of a user, also those that have ended, the oldest first. */
  of(user: User): ListedKey[] {
    return this.#identity.keysOf(user.number).map(listedKey);
  }

  /**
   * Makes a key. The journal notes it before the key works. Rejects with `HttpError` 40001 for permissions that the user does
   * not have, and for an end that is not in the future; 40301 for an account that is not the user's.
   */
  async create(user: User, body: CreateKeyBody): Promise<CreateKeyReply> {
    const id = userId(user.number);
    const excess = body.permissions?.filter((name) => !user.permissions.includes(name)) ?? [];
    if (excess.length > 0) {
      throw invalidField("permissions", `${id} does not have ${excess.join(", ")}`);
    }
    if (body.expires_at !== undefined && body.expires_at <= Date.now()) {
      throw invalidField("expires_at", `Must be in the future, got ${body.expires_at}`);
    }
    const { account_id } = body;
    const account = account_id === undefined ? undefined : accountNumber(account_id);
    if (account !== undefined && !user.accounts.includes(account)) {
      throw httpError(ErrorCode.NOT_YOUR_ACCOUNT, `${account_id} is no account of ${id}`);
    }
    const credentials = issueCredentials();
    const bound = account_id === undefined ? "" : ` ${account_id}`;
    await this.#note(`key.create ${id} ${credentials.api_key}${bound}`);
    await this.#identity.createKey(user.number, {
      credentials,
      ...(body.permissions !== undefined && { permissions: body.permissions }),
      ...(body.expires_at !== undefined && { expiresAt: body.expires_at }),
      ...(body.allowed_addresses !== undefined && { allowedAddresses: body.allowed_addresses }),
      ...(account !== undefined && { account }),
    });
    return { user_id: id, ...credentials };
  }

  /**
   * Revokes a key at once, and then notes that. Resolves with null when there is no such key. It may be repeated. Rejects
   * with `UntilRestart` when the disk does not take it.
   */
  revoke(apiKey: string): Promise<ListedKey | null> {
    return this.#taken(apiKey, "key.revoke", "", () => this.#identity.revokeKey(apiKey));
  }

  /** Sets when a key ends, in milliseconds since 1970 or null for never, and then notes that. Otherwise as `revoke`. */
  expire(apiKey: string, expiresAt: number | null): Promise<ListedKey | null> {
    const end = ` ${expiresAt ?? "never"}`;
    return this.#taken(apiKey, "key.expire", end, () =>
      this.#identity.expireKey(apiKey, expiresAt),
    );
  }

  async #taken(
    apiKey: string,
    what: string,
    end: string,
    take: () => Promise<ApiKey | null>,
  ): Promise<ListedKey | null> {
    const userNumber = this.#identity.key(apiKey)?.userNumber;
    if (userNumber === undefined) return null;
    const text = `${what} ${userId(userNumber)} ${apiKey}${end}`;
    const key = await takenAway(take(), text, (each) => this.#note(each));
    return key && listedKey(key);
  }

  async #note(text: string): Promise<void> {
    await submitted(this.#control, { kind: CommandKind.NOTE, text }, "note");
  }
}
