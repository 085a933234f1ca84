/** Who is logged in, and his client. */

import { signal } from "@preact/signals";
import { answered, isExchangeError, type SessionLogin, type TradingClient } from "@waiver/client";
import { openTrading, startAnewIfRefused } from "../lib/exchange.ts";
import { ask } from "../lib/rest.ts";

export interface Session {
  readonly user_id: string;
  readonly account_id: string;
  readonly name?: string;
  /** Keys and password may be changed: the session did not begin with a key. */
  readonly manages_keys?: boolean;
}

/** What the exchange offers to somebody who is not logged in. */
export interface Offer {
  readonly sign_up: boolean;
  readonly demo_accounts: readonly string[];
}

/** Undefined: not known yet. */
export const session = signal<Session | null | undefined>(undefined);
/** Of who is logged in. */
export const trading = signal<TradingClient | null>(null);
export const offer = signal<Offer>({ sign_up: false, demo_accounts: [] });

/** Finds out whether somebody is logged in already: only a refusal that stays says that nobody is. */
export async function readSession(): Promise<void> {
  const isUnknown = (): boolean => session.peek() === undefined;
  try {
    const found = await answered(() => ask<Session>("GET", "/session"), isUnknown);
    if (isUnknown()) begin(found);
  } catch {
    if (isUnknown()) session.value = null;
  }
}

export async function readOffer(): Promise<void> {
  try {
    offer.value = await answered(() => ask<Offer>("GET", "/exchange"));
  } catch {
    // It offers nothing.
  }
}

export async function logIn(credentials: SessionLogin): Promise<void> {
  await logInBy("/session", credentials);
}

export async function signUp(name: string, password: string): Promise<void> {
  await logInBy("/users", { name, password });
}

/** Logs in to one of the demo's accounts. */
export async function tryAs(name: string): Promise<void> {
  await logInBy("/demo/session", { name });
}

async function logInBy(path: string, body: object): Promise<void> {
  begin(await ask<Session>("POST", path, body));
  tabs.postMessage(null);
  startAnewIfRefused();
}

/** The page's other tabs, which have the same cookie: each is told when somebody logs in or out in one. */
const tabs = new BroadcastChannel("waiver.session");
tabs.addEventListener("message", () => void readAgain());

async function readAgain(): Promise<void> {
  try {
    const found = await answered(() => ask<Session>("GET", "/session"));
    const known = session.peek();
    // What the page shows is another person's, and what it would ask for from here on is not.
    if (known && known.account_id !== found.account_id) location.reload();
    else if (!known) begin(found);
  } catch {
    lose();
  }
}

const listeners = new Set<() => void>();

/** Calls `handler` when a session has ended that nobody here has ended. */
export function onSessionLost(handler: () => void): void {
  listeners.add(handler);
}

/** Whether the end of the session is asked for. */
let isLeaving = false;

export async function logOut(): Promise<void> {
  isLeaving = true;
  try {
    await ask("DELETE", "/session");
    end();
    tabs.postMessage(null);
  } catch (error) {
    // A session that is over already is what was wanted.
    const isOver = isExchangeError(error, "NOT_LOGGED_IN", "WRONG_CREDENTIALS", "KEY_NOT_VALID");
    if (isOver || trading.peek()?.state === "closed") end();
    if (!isOver) throw error;
  } finally {
    isLeaving = false;
  }
}

function begin(begun: Session): void {
  const client = openTrading();
  // Ended elsewhere, or expired: the client gives up by itself, and the page asks for a login. One that is asked to end
  // has ended with the answer, which takes the cookie: nobody else logs in before.
  client.onState(({ state }) => {
    if (state === "closed" && trading.peek() === client && !isLeaving) lose();
  });
  trading.value?.close();
  trading.value = client;
  session.value = begun;
}

/** Its end was not asked for here. */
function lose(): void {
  if (session.peek() == null) return;
  end();
  for (const listener of listeners) listener();
}

function end(): void {
  const client = trading.peek();
  trading.value = null;
  session.value = null;
  client?.close();
}
