import { signal, useSignal } from "@preact/signals";
import { isExchangeError } from "@waiver/client";
import { Dialog } from "../lib/dialog.tsx";
import { bound, FormFault, TextField } from "../lib/field.tsx";
import { fieldFaults, refusalText } from "../lib/refusal-text.ts";
import { submits } from "../lib/submits.ts";
import { logIn, offer, signUp } from "./session.ts";

type Way = "log in" | "sign up" | "key";

/** The open form; null when none is open. */
export const wayIn = signal<Way | null>(null);

/** The faults of the form's fields, and of the whole form. */
type LoginFaults = Readonly<Partial<Record<"name" | "password" | "form", string>>>;

const TITLES: Readonly<Record<Way, string>> = {
  "log in": "Log in",
  "sign up": "Sign up",
  key: "Log in by key",
};

export function LoginDialog() {
  const way = wayIn.value;
  if (way === null) return null;
  return (
    <Dialog
      title={TITLES[way]}
      onClose={() => {
        wayIn.value = null;
      }}
    >
      <LoginForm key={way} way={way} />
    </Dialog>
  );
}

function LoginForm({ way }: { way: Way }) {
  const name = useSignal("");
  const password = useSignal("");
  const faults = useSignal<LoginFaults>({});
  const isSending = useSignal(false);
  const send = async (): Promise<void> => {
    if (isSending.value) return;
    faults.value = {
      ...(name.value === "" && { name: "Fill this in" }),
      ...(password.value === "" && { password: "Fill this in" }),
    };
    if (Object.keys(faults.value).length > 0) return;
    isSending.value = true;
    try {
      if (way === "sign up") await signUp(name.value, password.value);
      else if (way === "key") await logIn({ api_key: name.value, api_secret: password.value });
      else await logIn({ name: name.value, password: password.value });
      wayIn.value = null;
    } catch (error) {
      faults.value = faultsOf(error, way);
    }
    isSending.value = false;
  };
  const isKey = way === "key";
  return (
    <form noValidate onSubmit={submits(send)}>
      <TextField
        label={isKey ? "API key" : "Name"}
        name="name"
        autocomplete={isKey ? "off" : "username"}
        {...bound(name)}
        fault={faults.value.name}
        hint={way === "sign up" ? "3 to 32 letters, digits, _ - . and first a letter" : undefined}
      />
      <TextField
        label={isKey ? "API secret" : "Password"}
        name="password"
        type="password"
        autocomplete={isKey ? "off" : way === "sign up" ? "new-password" : "current-password"}
        {...bound(password)}
        fault={faults.value.password}
        hint={way === "sign up" ? "At least 10 characters" : undefined}
      />
      <FormFault text={faults.value.form} />
      <button type="submit" class="button primary" aria-disabled={isSending.value}>
        {way === "sign up" ? "Sign up" : "Log in"}
      </button>
      <OtherWays way={way} />
    </form>
  );
}

function OtherWays({ way }: { way: Way }) {
  const others = (["log in", "sign up", "key"] as const).filter(
    (each) => each !== way && (each !== "sign up" || offer.value.sign_up),
  );
  const texts: Readonly<Record<Way, string>> = {
    "log in": "I have a name and a password",
    "sign up": "Open an account",
    key: "With an API key",
  };
  return (
    <p class="other-ways">
      {others.map((each) => (
        <button
          key={each}
          type="button"
          class="link"
          onClick={() => {
            wayIn.value = each;
          }}
        >
          {texts[each]}
        </button>
      ))}
    </p>
  );
}

function faultsOf(error: unknown, way: Way): LoginFaults {
  if (isExchangeError(error, "WRONG_CREDENTIALS")) {
    return { password: way === "key" ? "Wrong key or secret" : "Wrong name or password" };
  }
  // The key has ended, or the user is disabled. The exchange's message says which.
  if (isExchangeError(error, "KEY_NOT_VALID")) return { form: error.message };
  return fieldFaults(error, ["name", "password"]) ?? { form: refusalText(error) };
}
