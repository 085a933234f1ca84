/** What the CLI takes from the environment; options come before it. */
export interface CliEnvironment {
  /** `WAIVER_ADMIN_TOKEN`; null when unset or blank. */
  adminToken: string | null;
}

/** The one place where the CLI's client commands read the environment. */
export function readEnvironment(): CliEnvironment {
  const token = process.env.WAIVER_ADMIN_TOKEN?.trim() ?? "";
  return { adminToken: token === "" ? null : token };
}
