/** The identity store cannot be used: the message says why. */
export class IdentityStoreError extends Error {
  override readonly name = "IdentityStoreError";
}
