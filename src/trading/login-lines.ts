/** A line of the log for each login: who, with what, and from where; never what shows who he is. */
import { userId } from "../identity/user.ts";
import { LineBudget } from "../lib/line-budget.ts";
import type { Log } from "../lib/log.ts";
import { accountName } from "../protocol/names.ts";
import type { Login } from "./login.ts";

/** More are counted in the next line, so that a client that logs in again and again does not fill the log. */
const LINES_PER_SECOND = 100;

/** So much of a key that its user knows which one it is, and nobody else can use it. */
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
