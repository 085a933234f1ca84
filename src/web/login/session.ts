/** The logged-in user, and his client. */

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

/** What the exchange offers to people who are not logged in: to sign up, and demo accounts to try. */
export interface Offer {
  readonly sign_up: boolean;
  readonly demo_accounts: readonly string[];
}

/** The session; null when nobody is logged in, undefined when that is not known yet. */
export const session = signal<Session | null | undefined>(undefined);
/** The client of the logged-in user; null when nobody is logged in. */
export const trading = signal<TradingClient | null>(null);
export const offer = signal<Offer>({ sign_up: false, demo_accounts: [] });

/**
 * Finds out whether somebody is logged in already. Only a refusal that is not temporary means that nobody is.
 */
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
    // Without an answer the page offers nothing.
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

/** Connects the page's tabs, which share one cookie: each tells the others when somebody logs in or out. */
const tabs = new BroadcastChannel("waiver.session");
tabs.addEventListener("message", () => void readAgain());

async function readAgain(): Promise<void> {
  try {
    const found = await answered(() => ask<Session>("GET", "/session"));
    const known = session.peek();
    // The page shows another user's data, and would ask for the new user's from now on.
    if (known && known.account_id !== found.account_id) location.reload();
    else if (!known) begin(found);
  } catch {
    lose();
  }
}

const listeners = new Set<() => void>();

/** Calls `handler` when the session has ended without a logout in this tab. */
export function onSessionLost(handler: () => void): void {
  listeners.add(handler);
}

/** Whether a logout is under way. */
let isLeaving = false;

export async function logOut(): Promise<void> {
  isLeaving = true;
  try {
    await ask("DELETE", "/session");
    end();
    tabs.postMessage(null);
  } catch (error) {
    // A session that is over already needs no logout.
    const isOver = isExchangeError(error, "NOT_LOGGED_IN", "WRONG_CREDENTIALS", "KEY_NOT_VALID");
    if (isOver || trading.peek()?.state === "closed") end();
    if (!isOver) throw error;
  } finally {
    isLeaving = false;
  }
}

function begin(begun: Session): void {
  const client = openTrading();
  // When the session was ended elsewhere or has expired, the client closes by itself, and the page asks for a
  // login. A logout is left to `logOut`: its answer removes the cookie, and nobody can log in before that.
  client.onState(({ state }) => {
    if (state === "closed" && trading.peek() === client && !isLeaving) lose();
  });
  trading.value?.close();
  trading.value = client;
  session.value = begun;
}

/** Ends a session that was not ended by a logout in this tab. */
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
