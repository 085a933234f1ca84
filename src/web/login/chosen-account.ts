/**
 * Which of his accounts a user was in. The tab keeps it, so that tabs can show different accounts, and the browser keeps the last
 * choice for new tabs. It is kept by user: another user on this browser begins with his own first account.
 */

const keyOf = (user: string): string => `waiver.account.${user}`;

/** The account that was chosen last, if it is still one of `accounts`. */
export function chosenAccount(user: string, accounts: readonly string[]): string | undefined {
  const key = keyOf(user);
  return [readFrom("sessionStorage", key), readFrom("localStorage", key)].find(
    (kept) => kept !== null && accounts.includes(kept),
  ) as string | undefined;
}

/** Keeps the choice for this tab and for new ones. */
export function keepChosen(user: string, account: string): void {
  keepInTab(user, account);
  writeTo("localStorage", keyOf(user), account);
}

/** Keeps for this tab which account it shows, whatever is chosen in another one later. */
export function keepInTab(user: string, account: string): void {
  writeTo("sessionStorage", keyOf(user), account);
}

type Place = "sessionStorage" | "localStorage";

function readFrom(place: Place, key: string): string | null {
  try {
    return globalThis[place].getItem(key);
  } catch {
    return null;
  }
}

function writeTo(place: Place, key: string, value: string): void {
  try {
    globalThis[place].setItem(key, value);
  } catch {
    // This browser keeps nothing. The page works, but forgets.
  }
}
