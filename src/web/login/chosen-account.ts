/**
 * Which of his accounts a user was in. The tab keeps it, so that tabs can show different accounts, and the browser keeps the last
 * choice for new tabs. It is kept by user: another user on this browser begins with his own first account.
 */
import { keep, readKept } from "../lib/storage.ts";

const keyOf = (user: string): string => `waiver.account.${user}`;

/** The account that was chosen last, if it is still one of `accounts`. */
export function chosenAccount(user: string, accounts: readonly string[]): string | undefined {
  const isOne = (kept: unknown): boolean => accounts.includes(kept as string);
  const last = readKept<string | undefined>(keyOf(user), undefined, isOne);
  return readKept(keyOf(user), last, isOne, "sessionStorage");
}

/** Keeps the choice for this tab and for new ones. */
export function keepChosen(user: string, account: string): void {
  keepInTab(user, account);
  keep(keyOf(user), account);
}

/** Keeps for this tab which account it shows, whatever is chosen in another one later. */
export function keepInTab(user: string, account: string): void {
  keep(keyOf(user), account, "sessionStorage");
}
