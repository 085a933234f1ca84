import { useSignal } from "@preact/signals";
import { isExchangeError } from "@waiver/client";
import { bound, FormFault, TextField } from "../lib/field.tsx";
import { fieldFaults, refusalText } from "../lib/refusal-text.ts";
import { ask } from "../lib/rest.ts";
import { submits } from "../lib/submits.ts";
import { notify } from "../shell/notices.ts";

/** The faults of the form's fields, and of the whole form. */
type PasswordFaults = Readonly<Partial<Record<"password" | "new_password" | "form", string>>>;

export function PasswordForm() {
  const now = useSignal("");
  const next = useSignal("");
  const faults = useSignal<PasswordFaults>({});
  const save = async (): Promise<void> => {
    faults.value = {};
    try {
      await ask("POST", "/password", { password: now.value, new_password: next.value });
      now.value = "";
      next.value = "";
      notify("Password changed; you are logged out everywhere else");
    } catch (error) {
      faults.value = faultsOf(error);
    }
  };
  return (
    <section class="card settings-card" aria-label="Password">
      <h2>Password</h2>
      <form class="settings-row" noValidate onSubmit={submits(save)}>
        <TextField
          label="Present password"
          type="password"
          autocomplete="current-password"
          {...bound(now)}
          fault={faults.value.password}
        />
        <TextField
          label="New password"
          type="password"
          autocomplete="new-password"
          {...bound(next)}
          fault={faults.value.new_password}
          hint="At least 10 characters"
        />
        <button type="submit" class="button">
          Change password
        </button>
      </form>
      <FormFault text={faults.value.form} />
    </section>
  );
}

function faultsOf(error: unknown): PasswordFaults {
  if (isExchangeError(error, "WRONG_CREDENTIALS")) return { password: "This is not your password" };
  return fieldFaults(error, ["password", "new_password"]) ?? { form: refusalText(error) };
}
