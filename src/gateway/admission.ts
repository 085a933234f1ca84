/** Limits open connections, of all together and of each address. `networkOf` says which addresses count as one. */
import { networkOf } from "../lib/ip-address.ts";

export class Admission {
  readonly #connectionsMax: number;
  readonly #perAddressMax: number;
  readonly #connections = new Map<string, number>();
  #total = 0;

  /** `perAddressMax` 0: no limit. */
  constructor(connectionsMax: number, perAddressMax: number) {
    this.#connectionsMax = connectionsMax;
    this.#perAddressMax = perAddressMax;
  }

  get total(): number {
    return this.#total;
  }

  /** Why nobody can connect; null while there is room. */
  reason(): string | null {
    if (this.#total < this.#connectionsMax) return null;
    return `gateway.max_connections = ${this.#connectionsMax} are open: new ones are refused`;
  }

  /** Counts a new connection. Returns false, and does not count it, when there are too many. */
  enter(fullAddress: string): boolean {
    const address = networkOf(fullAddress);
    const here = this.#connections.get(address) ?? 0;
    if (this.#total >= this.#connectionsMax) return false;
    if (this.#perAddressMax !== 0 && here >= this.#perAddressMax) return false;
    this.#connections.set(address, here + 1);
    this.#total++;
    return true;
  }

  leave(fullAddress: string): void {
    const address = networkOf(fullAddress);
    const here = this.#connections.get(address) ?? 0;
    if (here <= 1) this.#connections.delete(address);
    else this.#connections.set(address, here - 1);
    this.#total--;
  }
}
