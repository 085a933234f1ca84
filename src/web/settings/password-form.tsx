import { useSignal } from "@preact/signals";
import { isExchangeError } from "@waiver/client";
import { TextField } from "../lib/field.tsx";
import { ask } from "../lib/rest.ts";
import { submits } from "../lib/submits.ts";
import { notify } from "../shell/notices.ts";
import { refusalText } from "../ticket/refusal-words.ts";

export function PasswordForm() {
  const now = useSignal("");
  const next = useSignal("");
  const fault = useSignal<{ field: string; text: string } | null>(null);
  const save = async (): Promise<void> => {
    fault.value = null;
    try {
      await ask("POST", "/password", { password: now.value, new_password: next.value });
      now.value = "";
      next.value = "";
      notify("Password changed; you are logged out everywhere else");
    } catch (error) {
      fault.value = faultOf(error);
    }
  };
  const faultAt = (field: string) => (fault.value?.field === field ? fault.value.text : undefined);
  return (
    <section class="card settings-card" aria-label="Password">
      <h2>Password</h2>
      <form class="settings-row" noValidate onSubmit={submits(save)}>
        <TextField
          label="Present password"
          type="password"
          autocomplete="current-password"
          value={now.value}
          onValue={(text) => {
            now.value = text;
          }}
          fault={faultAt("password")}
        />
        <TextField
          label="New password"
          type="password"
          autocomplete="new-password"
          value={next.value}
          onValue={(text) => {
            next.value = text;
          }}
          fault={faultAt("new_password")}
          hint="At least 10 characters"
        />
        <button type="submit" class="button">
          Change password
        </button>
      </form>
      {fault.value?.field === "form" && (
        <p class="field-fault" role="alert">
          {fault.value.text}
        </p>
      )}
    </section>
  );
}

function faultOf(error: unknown): { field: string; text: string } {
  if (isExchangeError(error, "WRONG_CREDENTIALS")) {
    return { field: "password", text: "This is not your password" };
  }
  if (isExchangeError(error, "INVALID_PARAMETER")) {
    const { field, issue } = error.details;
    const isKnown = field === "password" || field === "new_password";
    return { field: isKnown ? field : "form", text: issue };
  }
  return { field: "form", text: refusalText(error) };
}
