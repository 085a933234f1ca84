import { Select } from "../lib/select.tsx";
import { dismissAll, notify } from "../shell/notices.ts";
import { chooseAccount, session } from "./session.ts";

/** Shows which account the page is in, and changes it. Nothing for a user with one account. */
export function AccountChoice() {
  const who = session.value;
  if (who == null || who.account_ids.length < 2) return null;
  return (
    <Select
      class="account-choice"
      aria-label="Trading account"
      value={who.account_id}
      choices={who.account_ids.map((value) => ({ value, text: value }))}
      onValue={(account) => {
        // What they say is about the other account.
        dismissAll();
        chooseAccount(account);
        notify(`You are in ${account} now`);
      }}
    />
  );
}

/** The account that the page is in, where the user has several; otherwise undefined. */
export function namedAccount(): string | undefined {
  const who = session.value;
  return who != null && who.account_ids.length > 1 ? who.account_id : undefined;
}
