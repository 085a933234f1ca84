import { useSignal } from "@preact/signals";
import { isExchangeError } from "@waiver/client";
import { bound, TextField } from "../lib/field.tsx";
import { refusalText } from "../lib/refusal-text.ts";
import { ask } from "../lib/rest.ts";
import { submits } from "../lib/submits.ts";
import { useLoaded } from "../lib/use-loaded.ts";
import { namedAccount } from "../login/account-choice.tsx";
import { session } from "../login/session.ts";
import { attempt } from "../shell/notices.ts";
import { SecretOnce } from "./secret-once.tsx";
import { SettingsRow } from "./settings-row.tsx";

interface Webhook {
  readonly webhook_id: string;
  readonly account_id: string;
  readonly url: string;
  readonly events: readonly string[];
}

/** Addresses to which the exchange posts the account's events. */
export function Webhooks() {
  const hooks = useLoaded(() => ask<{ webhooks: Webhook[] }>("GET", "/webhooks"));
  const url = useSignal("");
  const fault = useSignal<string | undefined>(undefined);
  const secret = useSignal<string | null>(null);
  const account = namedAccount();
  const create = async (): Promise<void> => {
    fault.value = undefined;
    try {
      const account_id = session.peek()?.account_id;
      const body = { url: url.value, account_id };
      const made = await ask<{ secret: string }>("POST", "/webhooks", body);
      secret.value = made.secret;
      url.value = "";
    } catch (error) {
      const isField = isExchangeError(error, "INVALID_PARAMETER");
      fault.value = isField ? error.details.issue : refusalText(error);
    }
    await hooks.reload();
  };
  const remove = async (id: string): Promise<void> => {
    await attempt(() => ask("DELETE", `/webhooks/${id}`));
    await hooks.reload();
  };
  return (
    <section class="card settings-card" aria-label="Webhooks">
      <h2>Webhooks</h2>
      <p class="muted">
        Your orders, balances and positions{account !== undefined && ` in ${account}`}, posted to a
        server of yours as they change.
      </p>
      <form class="settings-row" noValidate onSubmit={submits(create)}>
        <TextField
          label="Address"
          type="url"
          {...bound(url)}
          fault={fault.value}
          hint="https://…"
        />
        <button type="submit" class="button">
          Add webhook
        </button>
      </form>
      {secret.value !== null && (
        <SecretOnce lines={[{ name: "Secret of the signatures", text: secret.value }]} />
      )}
      {hooks.fault.value !== null && <p class="field-fault">{refusalText(hooks.fault.value)}</p>}
      <ul class="settings-list">
        {hooks.value.value?.webhooks.map((hook) => (
          <SettingsRow
            key={hook.webhook_id}
            name={hook.url}
            text="Delete"
            question="Nothing more is posted there, nor what waits to be."
            yes="Delete the webhook"
            no="Keep it"
            onYes={() => remove(hook.webhook_id)}
          >
            {account !== undefined && `${hook.account_id}: `}
            {hook.events.join(", ")}
          </SettingsRow>
        ))}
      </ul>
    </section>
  );
}
