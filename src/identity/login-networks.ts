/**
 * The networks from which users have logged in with their passwords: from there a user can log in while wrong passwords
 * that others try for his name lock it everywhere else. Part of the
 * identity store; a network counts at once and is written soon after, for what a crash loses comes with the next login.
 */
import type { Serial } from "../lib/serial.ts";
import type { IdentityFile } from "./identity-file.ts";

/** Of a user: one more, and the one that was not there for longest is forgotten. */
const NETWORKS_PER_USER_MAX = 8;
/** One that is known is written again after so long. */
const WRITTEN_AGAIN_MS = 86_400_000;

export class LoginNetworks {
  readonly #file: IdentityFile;
  readonly #writes: Serial;
  /** By name in lower case; of each network when it was written last, the oldest first. */
  readonly #byName = new Map<string, Map<string, number>>();
  /** What `pairOf` makes of each: found in one step, which takes the same for names that there are not. */
  readonly #pairs = new Set<string>();

  private constructor(file: IdentityFile, writes: Serial) {
    this.#file = file;
    this.#writes = writes;
  }

  static async load(file: IdentityFile, writes: Serial): Promise<LoginNetworks> {
    const networks = new LoginNetworks(file, writes);
    const rows: { login_name: string; network: string; seen_at: number | string }[] =
      await file.sql`SELECT * FROM login_networks ORDER BY seen_at, network`;
    for (const { login_name, network, seen_at } of rows) {
      networks.#of(login_name).set(network, Number(seen_at));
      networks.#pairs.add(pairOf(login_name, network));
    }
    return networks;
  }

  /** Whether the one of this name, in whatever case, has logged in from there, now or before the start. */
  has(name: string, network: string): boolean {
    return this.#pairs.has(pairOf(name.toLowerCase(), network));
  }

  /** The user of this name has shown his password from there; `nowMs` is milliseconds since 1970. */
  add(name: string, network: string, nowMs: number): void {
    const loginName = name.toLowerCase();
    const own = this.#of(loginName);
    const before = own.get(network);
    const isWritten = before !== undefined && nowMs - before < WRITTEN_AGAIN_MS;
    own.delete(network);
    own.set(network, isWritten ? before : nowMs);
    this.#pairs.add(pairOf(loginName, network));
    const [oldest] = own.size > NETWORKS_PER_USER_MAX ? own.keys() : [];
    if (oldest !== undefined) {
      own.delete(oldest);
      this.#pairs.delete(pairOf(loginName, oldest));
    }
    if (isWritten) return;
    const write = (): Promise<void> =>
      this.#file.write(async (sql) => {
        if (oldest !== undefined) {
          await sql`DELETE FROM login_networks
            WHERE login_name = ${loginName} AND network = ${oldest}`;
        }
        await sql`INSERT INTO login_networks (login_name, network, seen_at)
          VALUES (${loginName}, ${network}, ${nowMs})
          ON CONFLICT (login_name, network) DO UPDATE SET seen_at = excluded.seen_at`;
      });
    // Where that fails it is known until the next start.
    this.#writes.run(write).catch(() => undefined);
  }

  #of(loginName: string): Map<string, number> {
    let own = this.#byName.get(loginName);
    if (own === undefined) {
      own = new Map();
      this.#byName.set(loginName, own);
    }
    return own;
  }
}

/** No network has a space in it. */
function pairOf(loginName: string, network: string): string {
  return `${network} ${loginName}`;
}
