/**
 * WAIVER_ADMIN_TOKEN; null when it is unset or blank. It is the only variable that the CLI's client commands
 * read, and options take precedence over it.
 */
export function adminTokenFromEnvironment(): string | null {
  return process.env.WAIVER_ADMIN_TOKEN?.trim() || null;
}
