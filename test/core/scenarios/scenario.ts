/**
 * Scenarios: the initial state, the commands, and the expected events. Alice, Bob and Carol each have 10,000
 * cents and 100 shares of symbol 0, which trades in steps of 1. Each scenario runs on the core and on the
 * reference. They must agree on everything, also on what the lines leave out.
 */
import { expect, test } from "bun:test";
import type { Limits } from "../../reference/limits.ts";
import {
  type Command,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
} from "../command-builder.ts";
import { Lockstep } from "../fuzz/lockstep.ts";
import { createTestCore, type TestCore } from "../test-core.ts";
import { lineOf } from "./lines.ts";

export const [ALICE, BOB, CAROL] = [1, 2, 3] as const;

export interface Scenario {
  /** Commands that come first. All of them must succeed. */
  given?: Command[];
  when: Command | Command[];
  /** Every event of `when` as a line. LEVEL events are included only on request. */
  events: string[];
  hasLevels?: boolean;
  /** The resting orders afterwards as `price x remaining`, in order of priority. Not checked if absent. */
  bids?: string[];
  asks?: string[];
  /** The waiting stops as `stop price x remaining`, in the order in which they would trigger. */
  stops?: string[];
  /** By account: available and reserved. */
  cash?: Record<number, [available: number, reserved: number]>;
  shares?: Record<number, [available: number, reserved: number]>;
}

export const SCENARIO_SYMBOLS = 3;

export const SET_UP: Command[] = [
  listSymbol({ symbol: 0 }),
  ...[ALICE, BOB, CAROL].flatMap((account) => [
    openAccount({ account }),
    depositCash({ account, amount: 10_000 }),
    depositShares({ account, amount: 100 }),
  ]),
];

/** Makes a test of one scenario, on a core with these limits. */
export function scenariosOn(core: TestCore, limits: Partial<Limits> = {}) {
  return (name: string, { given = [], when, events, hasLevels, ...after }: Scenario): void => {
    test(name, () => {
      core.reset();
      const lockstep = new Lockstep(core, { checkEvery: 1, tickLength: 3, limits });
      const apply = (command: Command): string[] => {
        const applied = lockstep.apply(command);
        expect(applied.difference).toBeUndefined();
        return applied.events.filter((event) => hasLevels || event.event !== "LEVEL").map(lineOf);
      };
      for (const command of [...SET_UP, ...given]) {
        expect(apply(command).filter((line) => line.startsWith("refused"))).toEqual([]);
      }
      expect([when].flat().flatMap(apply)).toEqual(events);
      expect(lockstep.endTick()).toBeUndefined();
      expectAfter(lockstep, after);
    });
  };
}

/** A test of one scenario on the default core. */
export const scenario = scenariosOn(createTestCore(SCENARIO_SYMBOLS));

function expectAfter(
  lockstep: Lockstep,
  { bids, asks, stops, cash, shares }: Omit<Scenario, "given" | "when" | "events" | "hasLevels">,
): void {
  const { symbols, accounts } = lockstep.view();
  const resting = (side: "bids" | "asks"): string[] =>
    (symbols[0]?.[side] ?? []).map(({ price, remaining }) => `${price} x ${remaining}`);
  if (bids !== undefined) expect(resting("bids")).toEqual(bids);
  if (asks !== undefined) expect(resting("asks")).toEqual(asks);
  if (stops !== undefined) {
    const waiting = (symbols[0]?.stops ?? []).map(
      (stop) => `${stop.stopPrice} x ${stop.remaining}`,
    );
    expect(waiting).toEqual(stops);
  }
  for (const [account, [available, reserved]] of Object.entries(cash ?? {})) {
    expect(accounts[Number(account)]?.cash).toEqual({ available, reserved });
  }
  for (const [account, [available, reserved]] of Object.entries(shares ?? {})) {
    const held = accounts[Number(account)]?.shares.find(({ symbol }) => symbol === 0);
    expect(held).toEqual({ symbol: 0, available, reserved });
  }
}
