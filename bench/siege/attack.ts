import type { Attacker } from "./attacker.ts";

/**
 * What a user of an attack has. All but "poor" have plenty of cash and shares. The rate limits of "rich" and "poor" are
 * very high, those of a "trader" only for orders. "ordinary" has the default limits.
 */
export type Means = "rich" | "trader" | "ordinary" | "poor";

export interface Attack {
  /** For `--only`, in kebab-case. */
  name: string;
  /**
   * What it attacks: 1 work that costs the attacker nothing, 2 shared tables, 3 the work of one command, 5 descriptors,
   * 6 connections to peers that are gone, 7 text from strangers.
   */
  section: 1 | 2 | 3 | 5 | 6 | 7;
  /** The name of a similar attack. `--short` leaves this one out. */
  like?: string;
  /** One sentence that says what it does. */
  about: string;
  /** The users that are created for it; none by default. */
  users?: readonly Means[];
  /** It leaves orders or histories that the exchange must keep, so their memory need not be freed. */
  leavesMuch?: boolean;
  /** Runs in its own process. Returns a text that says what was tried, with amounts. */
  run(attacker: Attacker): Promise<string>;
}
