/** What the parent process and the process of clients tell each other. Each message is one line of JSON. */
import type { User } from "../integration/venue.ts";

/** The first line that the parent sends. */
export interface ChaosPlan {
  url: string;
  symbols: string[];
  /** The traders. Each has one connection for orders and one for user data. */
  traders: User[];
  /** How many connections build the book of every symbol. */
  readers: number;
  seed: number;
}

/**
 * The third line that the parent sends, once no order is in flight: the last sequence numbers that the
 * clients must reach.
 */
export interface ChaosEnds {
  /** By symbol: the sequence number of the book's last change. */
  books: Record<string, number>;
  /** By trader: the sequence number of the account's last event. */
  accounts: number[];
}

/** The events that a trader's account received, from the first one on. */
export interface HeardAccount {
  first_seq: number;
  /** The events as they came, each as JSON text. */
  events: string[];
  /** The order id of each acknowledged order, by client order id. */
  orders: Record<string, string>;
}

/** The answer to the third line. */
export interface ChaosReport {
  faults: string[];
  /** By reader and symbol: the last change received, and the book as text. */
  books: { symbol: string; last_seq: number; text: string }[];
  accounts: HeardAccount[];
  /** How many connections ended: dropped by the client, given up because of silence, and closed by the server. */
  dropped: number;
  silent: number;
  closed: number;
  resumed: number;
  begun_anew: number;
  orders_sent_again: number;
}
