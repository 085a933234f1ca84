import type { CoreView } from "../core/view.ts";

/** The highest user number that an account was ever opened for, according to the journal; 0 = none was. */
export function highestUserOf(view: Pick<CoreView, "nextAccount" | "userOf">): number {
  let highest = 0;
  for (let account = 0; account < view.nextAccount(); account++) {
    highest = Math.max(highest, view.userOf(account));
  }
  return highest;
}
