/** Passwords that an operator gives to those who have forgotten theirs. */
import { randomBytes } from "node:crypto";
import { HttpError } from "../gateway/http/responses.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import { PasswordsBusy } from "../identity/passwords.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";

/** 120 bits, as 20 characters. */
const BYTES = 15;
/** For the limits of hashing, all operators count as one network of addresses. */
const NETWORK = "operators";
const RETRY_AFTER_MS = 1000;

/** Why a user got no new password. */
export type NoNewPassword = "has none" | "changed meanwhile";

/**
 * Gives a user a new random password. When two operators do that at once, one is refused, because only one
 * password can work. Rejects with `HttpError` 50300 when too many others wait for their hashes.
 */
export async function newPassword(
  { passwords }: Pick<IdentityStore, "passwords">,
  userNumber: number,
): Promise<{ password: string } | { refused: NoNewPassword }> {
  const mark = passwords.mark(userNumber);
  if (mark === undefined) return { refused: "has none" };
  const password = randomBytes(BYTES).toString("base64url");
  const hash = await passwords.hashing.hash(password, NETWORK).catch(busyOrThrow);
  const isChanged = await passwords.change(userNumber, hash, mark, null);
  return isChanged ? { password } : { refused: "changed meanwhile" };
}

/** 50300 while too many others wait for their hashes. */
function busyOrThrow(error: unknown): never {
  if (!(error instanceof PasswordsBusy)) throw error;
  throw new HttpError(errorBody(ErrorCode.OVERLOADED, { retry_after_ms: RETRY_AFTER_MS }));
}
