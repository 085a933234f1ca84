import { useSignal } from "@preact/signals";
import { market } from "../lib/exchange.ts";
import { date } from "../lib/moment.ts";
import { refusalText } from "../lib/refusal-text.ts";
import { ask } from "../lib/rest.ts";
import { Select } from "../lib/select.tsx";
import { useLoaded } from "../lib/use-loaded.ts";
import { session } from "../login/session.ts";
import { attempt } from "../shell/notices.ts";
import { SecretOnce } from "./secret-once.tsx";
import { SettingsRow } from "./settings-row.tsx";

interface ListedKey {
  readonly api_key: string;
  readonly permissions: readonly string[];
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly account_id: string | null;
}

/** The choice that binds a key to no account. */
const ALL = "all";

/** API keys for the user's own programs. */
export function ApiKeys() {
  const keys = useLoaded(() => ask<{ keys: ListedKey[] }>("GET", "/keys"));
  const made = useSignal<{ api_key: string; api_secret: string } | null>(null);
  const isReadOnly = useSignal(false);
  const account = useSignal(ALL);
  const accounts = session.value?.account_ids ?? [];
  const change = async (action: () => Promise<void>): Promise<void> => {
    await attempt(action);
    await keys.reload();
  };
  const create = (): Promise<void> =>
    change(async () => {
      made.value = await ask("POST", "/keys", {
        ...(isReadOnly.value && { permissions: ["market_data"] }),
        ...(account.value !== ALL && { account_id: account.value }),
      });
    });
  const revoke = (key: string): Promise<void> =>
    change(async () => {
      await ask("DELETE", `/keys/${encodeURIComponent(key)}`);
      if (made.value?.api_key === key) made.value = null;
    });
  const working = keys.value.value?.keys.filter(isWorking) ?? [];
  return (
    <section class="card settings-card" aria-label="API keys">
      <h2>API keys</h2>
      <p class="muted">
        For programs that trade for you. A secret is shown when it is made, and never again.
      </p>
      <div class="settings-row">
        <button type="button" class="button" onClick={() => void create()}>
          Create key
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={isReadOnly.value}
            onChange={(event) => {
              isReadOnly.value = event.currentTarget.checked;
            }}
          />
          Market data only
        </label>
        {accounts.length > 1 && (
          <Select
            aria-label="Accounts of the key"
            value={account.value}
            choices={[
              { value: ALL, text: "For all accounts" },
              ...accounts.map((value) => ({ value, text: `For ${value} only` })),
            ]}
            onValue={(value) => {
              account.value = value;
            }}
          />
        )}
      </div>
      {made.value !== null && (
        <SecretOnce
          lines={[
            { name: "Key", text: made.value.api_key },
            { name: "Secret", text: made.value.api_secret },
          ]}
        />
      )}
      {keys.fault.value !== null && <p class="field-fault">{refusalText(keys.fault.value)}</p>}
      <ul class="settings-list">
        {working.map((key) => (
          <SettingsRow
            key={key.api_key}
            name={key.api_key}
            text="Revoke"
            question="Programs with this key are logged out, for good."
            yes="Revoke the key"
            no="Keep it"
            onYes={() => revoke(key.api_key)}
          >
            {key.permissions.join(", ")}
            {key.account_id !== null && ` for ${key.account_id} only`}; since{" "}
            {date.format(key.created_at)}
            {key.expires_at !== null && `, until ${date.format(key.expires_at)}`}
          </SettingsRow>
        ))}
      </ul>
    </section>
  );
}

function isWorking({ revoked_at, expires_at }: ListedKey): boolean {
  return revoked_at === null && (expires_at === null || expires_at > market.now());
}
