/** The logged-in user, the account that the page is in, and the client for it. */

import { batch, signal } from "@preact/signals";
import { answered, isExchangeError, type SessionLogin, type TradingClient } from "@waiver/client";
import { openTrading, startAnewIfRefused } from "../lib/exchange.ts";
import { ask } from "../lib/rest.ts";
import { chosenAccount, keepChosen, keepInTab } from "./chosen-account.ts";

export interface Session {
  readonly user_id: string;
  /** The account that the page is in: all that it shows and does is about this one. */
  readonly account_id: string;
  /** The accounts that the user may choose, the default one first. */
  readonly account_ids: readonly string[];
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
/** The client for the account that the page is in; null when nobody is logged in. Another account has another client. */
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
    // The page shows another user's data, or an account that this login may not use, and would ask for the new one's from now on.
    if (known && !isStill(known, found)) location.reload();
    else if (!known) begin(found);
  } catch {
    lose();
  }
}

function isStill(known: Session, found: Session): boolean {
  return known.user_id === found.user_id && found.account_ids.includes(known.account_id);
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

/** Goes to another account of the user, and keeps the choice. */
export function chooseAccount(account: string): void {
  const known = session.peek();
  if (known == null || known.account_id === account) return;
  keepChosen(known.user_id, account);
  enter({ ...known, account_id: account });
}

/** The page has gone to another account before there was an answer. */
export class AccountLeft extends Error {}

/**
 * Asks the client of the account that the page is in. Rejects when the page goes to another account before the answer: nothing
 * more is sent then, and what was sent counts for the account that was left.
 */
export async function inAccount<T>(ask: (client: TradingClient) => Promise<T>): Promise<T> {
  const client = trading.peek();
  const account = session.peek()?.account_id;
  if (client === null) throw new Error("Log in again");
  try {
    return await ask(client);
  } catch (error) {
    if (trading.peek() === client || isExchangeError(error)) throw error;
    const message = `You left ${account} before the answer came: see there what became of it`;
    throw new AccountLeft(message, { cause: error });
  }
}

function begin(begun: Session): void {
  const { user_id, account_ids } = begun;
  enter({ ...begun, account_id: chosenAccount(user_id, account_ids) ?? begun.account_id });
}

/** Shows the session's account from now on. Requests of the client before end unanswered, and it sends nothing more. */
function enter(begun: Session): void {
  const { user_id, account_id, account_ids } = begun;
  if (account_ids.length > 1) keepInTab(user_id, account_id);
  const client = openTrading(account_id);
  // When the session was ended elsewhere or has expired, the client closes by itself, and the page asks for a
  // login. A logout is left to `logOut`: its answer removes the cookie, and nobody can log in before that.
  client.onState(({ state, error }) => {
    if (state !== "closed" || trading.peek() !== client || isLeaving) return;
    // A page that begins anew finds out which accounts there are.
    if (isExchangeError(error, "NOT_YOUR_ACCOUNT")) location.reload();
    else lose();
  });
  const left = trading.peek();
  batch(() => {
    trading.value = client;
    session.value = begun;
  });
  left?.close();
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
