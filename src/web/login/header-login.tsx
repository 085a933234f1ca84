import { attempt } from "../shell/notices.ts";
import { wayIn } from "./login-dialog.tsx";
import { logOut, offer, session, tryAs } from "./session.ts";

/** The buttons to log in, sign up and log out, in the header. */
export function HeaderLogin() {
  const who = session.value;
  if (who === undefined) return null;
  if (who !== null) {
    return (
      <>
        <span class="who">{who.name ?? who.account_id}</span>
        {/* With a key of its own, it does not get the focus of the button that began the login. */}
        <button
          key="log out"
          type="button"
          class="button small"
          onClick={() => void attempt(logOut)}
        >
          Log out
        </button>
      </>
    );
  }
  // While the login form is open, its own buttons have the same names.
  const hidden = wayIn.value !== null;
  const [first] = offer.value.demo_accounts;
  return (
    <>
      {first !== undefined && (
        <button
          type="button"
          class="button small primary"
          hidden={hidden}
          onClick={() => void attempt(() => tryAs(first))}
        >
          Try as {first}
        </button>
      )}
      {offer.value.sign_up && (
        <button
          type="button"
          class="button small only-wide"
          hidden={hidden}
          onClick={() => {
            wayIn.value = "sign up";
          }}
        >
          Sign up
        </button>
      )}
      <button
        type="button"
        class="button small"
        hidden={hidden}
        onClick={() => {
          wayIn.value = "log in";
        }}
      >
        Log in
      </button>
    </>
  );
}
