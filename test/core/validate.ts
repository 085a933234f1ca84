/**
 * Checks every invariant of the core's memory by reading the memory itself. Of the core's functions it uses
 * only the look-ups, and those are what it checks.
 */

import type { TestCore } from "./test-core.ts";
import { validateArena } from "./validate/arena.ts";
import { validateClientIds } from "./validate/client-ids.ts";
import { validateExpiries } from "./validate/expiries.ts";
import { type Faults, START, type Start } from "./validate/faults.ts";
import { validateLadder } from "./validate/ladder.ts";
import { validateLedger } from "./validate/ledger.ts";
import { validateSymbols } from "./validate/symbols.ts";
import { validateWindows } from "./validate/windows.ts";

/** The faults, as text; empty if all is well. `start`: where the used memory of each store begins. */
export function validate(core: TestCore, start: Start = START): string[] {
  const faults: string[] = [];
  const report: Faults = (isWell, fault) => {
    if (!isWell) faults.push(fault());
  };
  const resting = validateLadder(core, start, report);
  validateArena(core, start, resting, report);
  validateLedger(core, resting, report);
  validateClientIds(core, start, resting, report);
  validateExpiries(core, resting, report);
  validateSymbols(core, report);
  validateWindows(core, report);
  return faults;
}
