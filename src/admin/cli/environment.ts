/**
 * What the CLI's client commands take from the environment, here alone: WAIVER_ADMIN_TOKEN; null when it is unset or
 * blank. Options come before it.
 */
export function adminTokenFromEnvironment(): string | null {
  return process.env.WAIVER_ADMIN_TOKEN?.trim() || null;
}
