/**
 * A separate host for the clients, on a network that can fail: a network namespace behind a pair of virtual
 * interfaces. A direction is cut by sending its packets to a hardware address that nobody has. The packets
 * vanish, and neither side is told.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const SERVER = "10.213.7.1";
const CLIENTS = "10.213.7.2";
const NOBODY = "02:00:00:00:00:99";

/** The direction of the packets that vanish. */
export type Direction = "to-clients" | "to-server";

export class TestNetwork implements Disposable {
  readonly #name = nameOf(process.pid);
  readonly #server = serverOf(process.pid);
  readonly #clients = `wv${process.pid}c`;

  constructor() {
    removeLeftOver();
    process.on("exit", this.#remove);
    const inside = ["-n", this.#name];
    ip("netns", "add", this.#name);
    ip("link", "add", this.#server, "type", "veth", "peer", "name", this.#clients);
    ip("link", "set", this.#clients, "netns", this.#name);
    ip("addr", "add", `${SERVER}/30`, "dev", this.#server);
    ip("link", "set", this.#server, "up");
    ip(...inside, "addr", "add", `${CLIENTS}/30`, "dev", this.#clients);
    ip(...inside, "link", "set", this.#clients, "up");
  }

  /** The address at which the clients find a server that listens on all addresses. */
  get server(): string {
    return SERVER;
  }

  /** The prefix that runs another command on the clients' host. */
  get inside(): string[] {
    return ["ip", "netns", "exec", this.#name];
  }

  cut(direction: Direction): void {
    ip(...this.#neighbour(direction, "replace"), "lladdr", NOBODY, "nud", "permanent");
  }

  heal(direction: Direction): void {
    ip(...this.#neighbour(direction, "del"));
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => remove(process.pid);

  #neighbour(direction: Direction, verb: string): string[] {
    return direction === "to-clients"
      ? ["neigh", verb, CLIENTS, "dev", this.#server]
      : ["-n", this.#name, "neigh", verb, SERVER, "dev", this.#clients];
  }
}

const nameOf = (pid: number): string => `waiver${pid}`;
const serverOf = (pid: number): string => `wv${pid}s`;

/**
 * Deletes the interfaces first. They would vanish some time after the namespace, and the next network may
 * want their names.
 */
function remove(pid: number): void {
  // The namespace is missing if the process was killed before it made one.
  spawnSync("ip", ["link", "del", serverOf(pid)]);
  ip("netns", "del", nameOf(pid));
}

/** Removes networks that killed processes left behind: they use the same addresses. */
function removeLeftOver(): void {
  for (const [, pid] of ip("netns", "list").matchAll(/^waiver(\d+)\b/gm)) {
    if (!existsSync(`/proc/${pid}`)) remove(Number(pid));
  }
}

/** Whether this machine allows such networks. They need Linux, root and iproute2. */
export function canMakeNetwork(): boolean {
  try {
    new TestNetwork()[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

function ip(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync("ip", args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
  return stdout;
}
