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

/** What a trader's account was told, from the first event it heard on. */
export interface HeardAccount {
  api_key: string;
  first_seq: number;
  /** The events as they came, one JSON text each. */
  events: string[];
  /** The client order ids that were acknowledged, and how often one was answered with another order than before. */
  orders: Record<string, string>;
}

/** The answer to the second line: everything has settled. */
export interface ChaosReport {
  faults: string[];
  /** By reader and symbol: the last change and the book, as text. */
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
