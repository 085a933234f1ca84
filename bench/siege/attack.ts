import type { Attacker } from "./attacker.ts";

/**
 * What a user of an attack has: "rich" and its limits are ample; a "trader" only for orders; "ordinary" has the default
 * limits; "poor" has no means.
 */
export type Means = "rich" | "trader" | "ordinary" | "poor";

export interface Attack {
  /** For `--only`, in kebab-case. */
  name: string;
  /** What it goes at: 1 work for nothing, 2 shared tables, 3 work in one command, 5 descriptors, 6 peers that are gone, 7 foreign text. */
  section: 1 | 2 | 3 | 5 | 6 | 7;
  /** The attack of whose kind it is another: the short form leaves it out. */
  like?: string;
  /** What it does, one sentence. */
  about: string;
  /** Users that are created for it; none without it. */
  users?: readonly Means[];
  /** It leaves orders or histories that the exchange has to keep: their memory need not come back. */
  leavesMuch?: boolean;
  /** Runs in a process of its own; gives what was tried, with amounts. */
  run(attacker: Attacker): Promise<string>;
}
