/**
 * Attacks that guess passwords from one address. A wrong password costs the exchange a slow hash, on a thread that also
 * flushes the journal. Meanwhile a user behind the same address logs in with a right key.
 */
import type { Attack } from "../attack.ts";
import type { Attacker } from "../attacker.ts";
import { rawHttp } from "../raw-http.ts";
import { jsonRequest, loop } from "./http.ts";

/** Different guesses. Each is sent again when all others have been. */
const GUESSES = 512;
const LOGIN_EVERY_MS = 250;
const LOGIN_MS_MAX = 2_000;
const SESSION = "/api/v1/session";

export const passwordAttacks: readonly Attack[] = [
  {
    name: "password-names",
    section: 1,
    about:
      "Eight connections log in with 512 user names and a wrong password, while a user of the same address logs in with a right key.",
    users: ["ordinary"],
    run: (attacker) => guess(attacker, (n) => ({ name: `person-${n}`, password: "Password1!" })),
  },
  {
    name: "password-guesses",
    section: 1,
    about: "The same with one user name and 512 passwords.",
    users: ["ordinary"],
    run: (attacker) => guess(attacker, (n) => ({ name: "person", password: `Password${n}!` })),
  },
];

async function guess(attacker: Attacker, guessAt: (n: number) => object): Promise<string> {
  const guesses = Array.from({ length: GUESSES }, (_, n) =>
    jsonRequest("POST", SESSION, {}, guessAt(n)),
  );
  const waits: number[] = [];
  const [told] = await Promise.all([loop(attacker, ...guesses), logIn(attacker, waits)]);
  const slowest = Math.max(...waits);
  if (!(slowest < (attacker.plan.isTimed ? LOGIN_MS_MAX : Infinity)))
    attacker.fault(`a login with a right key took ${slowest.toFixed(0)} ms`);
  return `${told}; ${waits.length} logins with a right key took ${slowest.toFixed(0)} ms at most`;
}

/** Logs in over REST and on a WebSocket in turn until the time is over. Notes how long each took, in milliseconds. */
async function logIn(attacker: Attacker, waits: number[]): Promise<void> {
  const request = jsonRequest("POST", SESSION, { Connection: "close" }, attacker.key(0));
  for (let n = 0; !attacker.isOver; n++) {
    // The first one comes when the guesses have used up what the address has.
    await Bun.sleep(LOGIN_EVERY_MS);
    const start = performance.now();
    if (n % 2 === 0) {
      const { status } = await rawHttp(attacker.plan.port, request);
      if (status !== 200) attacker.fault(`a session with a right key was refused with ${status}`);
    } else {
      using peer = await attacker.login(0);
      peer.leave();
    }
    waits.push(performance.now() - start);
  }
}
