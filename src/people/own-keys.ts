/** API keys that users make and revoke themselves. */
import { HttpError, httpError } from "../gateway/http/responses.ts";
import { hasEnded } from "../identity/api-key.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { User } from "../identity/user.ts";
import type { Clocks } from "../lib/clocks.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import type { CreateKeyBody, CreateKeyReply, ListedKey } from "../protocol/schemas/users.ts";
import { TokenBucket } from "../trading/token-bucket.ts";
import { listedKey } from "./listed-key.ts";
import type { UserKeys } from "./user-keys.ts";

/** Keys of a user that work, and all his keys: those that have ended stay listed. */
const WORKING_MAX = 20;
const EVER_MAX = 1000;
/** How many keys a user may make at once, and how many a second after that. */
const BURST = 10;
const PER_SECOND = 1 / 60;

export interface OwnKeysParts extends Clocks {
  identity: Pick<IdentityStore, "keysOf">;
  keys: UserKeys;
}

export class OwnKeys {
  readonly #parts: OwnKeysParts;
  /** Counts the keys made, by user. */
  readonly #made = new Map<number, TokenBucket>();
  /** Number of keys that are being made, by user. */
  readonly #underWay = new Map<number, number>();

  constructor(parts: OwnKeysParts) {
    this.#parts = parts;
  }

  of(user: User): ListedKey[] {
    return this.#parts.keys.of(user);
  }

  /** As `UserKeys.create`; also rejects with `HttpError` 42902 and 40910 when the user makes or has too many keys. */
  async create(user: User, body: CreateKeyBody): Promise<CreateKeyReply> {
    const { number } = user;
    const underWay = this.#underWay.get(number) ?? 0;
    this.#assertRoom(user, underWay);
    const retry_after_ms = this.#bucketOf(number).take(this.#parts.monotonic());
    if (retry_after_ms > 0) {
      const message = "Too many new keys";
      throw new HttpError(errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms }, message));
    }
    this.#underWay.set(number, underWay + 1);
    try {
      return await this.#parts.keys.create(user, body);
    } finally {
      const left = (this.#underWay.get(number) ?? 1) - 1;
      if (left > 0) this.#underWay.set(number, left);
      else this.#underWay.delete(number);
    }
  }

  /** Revokes a key of the user; null when he has no such key. */
  async revoke(user: User, apiKey: string): Promise<ListedKey | null> {
    const { identity, keys } = this.#parts;
    const key = identity.keysOf(user.number).find((each) => each.apiKey === apiKey);
    if (key === undefined) return null;
    return key.revokedAt === null ? keys.revoke(apiKey) : listedKey(key);
  }

  #assertRoom(user: User, underWay: number): void {
    const { identity, now } = this.#parts;
    const all = identity.keysOf(user.number);
    const working = all.filter((key) => !hasEnded(key, now())).length;
    if (working + underWay < WORKING_MAX && all.length + underWay < EVER_MAX) return;
    const message =
      all.length + underWay < EVER_MAX
        ? `No more than ${WORKING_MAX} working keys: revoke one first`
        : `No more than ${EVER_MAX} keys were ever to be made: the operator makes more`;
    throw httpError(ErrorCode.CAPACITY, message);
  }

  #bucketOf(user: number): TokenBucket {
    let bucket = this.#made.get(user);
    if (bucket === undefined) {
      bucket = new TokenBucket(PER_SECOND, BURST, this.#parts.monotonic());
      this.#made.set(user, bucket);
    }
    return bucket;
  }
}
