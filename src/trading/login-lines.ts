/** Logs each login: the user, the beginning of the key, and the address. Secrets, tokens and whole keys are never logged. */
import { userId } from "../identity/user.ts";
import { LineBudget } from "../lib/line-budget.ts";
import type { Log } from "../lib/log.ts";
import { accountName } from "../protocol/names.ts";
import type { Login } from "./login.ts";

/**
 * A client that logs in again and again must not fill the log: logins beyond this are only counted, and the next line has
 * their number.
 */
const LINES_PER_SECOND = 100;

/** How many characters of a key are logged: enough for its user to know which one it is, too few to use it. */
const KEY_CHARACTERS = 11;

export class LoginLines {
  readonly #log: Log;
  readonly #budget: LineBudget;

  constructor(log: Log, monotonic: () => number) {
    this.#log = log;
    this.#budget = new LineBudget(LINES_PER_SECOND, monotonic);
  }

  write({ caller, key }: Login, address: string): void {
    if (!this.#budget.take()) return;
    const who = { user: userId(caller.user.number), account: accountName(caller.account) };
    const by = key === null ? {} : { api_key: `${key.apiKey.slice(0, KEY_CHARACTERS)}…` };
    this.#log.info({ ...who, ...by, address, ...this.#budget.leftOut() }, "login");
  }
}
