/**
 * The networks from which users have logged in with their passwords. When others try wrong passwords for a user's name, the
 * name is locked, but not for these networks. Part of the identity store. A network counts at once and is written soon after:
 * if a crash loses it, the next login adds it again.
 */
import type { Serial } from "../lib/serial.ts";
import type { IdentityFile } from "./identity-file.ts";

/** Networks kept for a user. When there are more, the one that was not used for longest is forgotten. */
const NETWORKS_PER_USER_MAX = 8;
/** The time of a known network is written again when it is this old. */
const WRITTEN_AGAIN_MS = 86_400_000;

export class LoginNetworks {
  readonly #file: IdentityFile;
  readonly #writes: Serial;
  /** By name in lower case: when each network was written last. The network that was used last is at the end. */
  readonly #byName = new Map<string, Map<string, number>>();
  /** Each network as `pairOf` writes it. One lookup takes the same time for a name that nobody has. */
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

  /** Whether the user of this name has logged in from `network`, also before a restart. Upper and lower case do not differ. */
  has(name: string, network: string): boolean {
    return this.#pairs.has(pairOf(name.toLowerCase(), network));
  }

  /** Notes that the user of this name has logged in from `network` at `nowMs`, milliseconds since 1970. */
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
    // When that fails, the network is known only until the next start.
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

/** A text for each pair of name and network. It is unique, because no network contains a space. */
function pairOf(loginName: string, network: string): string {
  return `${network} ${loginName}`;
}
