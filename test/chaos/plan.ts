/** What the parent and the process of clients tell each other, a line of JSON each. */
import type { User } from "../integration/venue.ts";

/** The first line to the process. */
export interface ChaosPlan {
  url: string;
  symbols: string[];
  /** Each trades on one connection, and hears its user data on another. */
  traders: User[];
  /** Connections that put together the book of every symbol. */
  readers: number;
  seed: number;
}

/** The third line: how far everything goes, when no order is under way any more. */
export interface ChaosEnds {
  /** By symbol: the book's last change. */
  books: Record<string, number>;
  /** By trader: the account's last event. */
  accounts: number[];
}

/** What a trader's account was told, from the first event it heard on. */
export interface HeardAccount {
  first_seq: number;
  /** The events as they came, one JSON text each. */
  events: string[];
  /** By client order id that was acknowledged: the order. */
  orders: Record<string, string>;
}

/** The answer to the third line. */
export interface ChaosReport {
  faults: string[];
  /** By reader and symbol: the last change that was heard, and the book as text. */
  books: { symbol: string; last_seq: number; text: string }[];
  accounts: HeardAccount[];
  /** How often a connection ended, and why it did: by itself, by silence, or by the other side. */
  dropped: number;
  silent: number;
  closed: number;
  resumed: number;
  begun_anew: number;
  orders_sent_again: number;
}
