/**
 * What the processes of a siege tell each other: each gets one JSON object on its standard input and
 * writes lines of JSON to its standard output.
 */

export interface SiegeUser {
  api_key: string;
  api_secret: string;
  account_id: string;
}

/** For the process of one attack. */
export interface AttackPlan {
  name: string;
  port: number;
  /** For the few things that only an operator may do, such as opening an auction. */
  adminToken: string;
  /** Symbols that neither the victim nor the probe trades. */
  symbols: string[];
  /** As the attack asked for them, in its order. */
  users: SiegeUser[];
  seed: number;
  /** How long an attack goes on that has no end of its own. */
  seconds: number;
  /** An attack that counts to something gives up after so long. */
  secondsMax: number;
  /** What amounts are multiplied with; 1 is the full ones. */
  scale: number;
  /** The server's `heartbeat_interval`. */
  heartbeatSeconds: number;
  /** Whether being slow is a fault. */
  isTimed: boolean;
}

/** Preparations are over: from here on the victim is watched. */
export interface AttackBegin {
  event: "begin";
  /** Milliseconds since 1970: this process may be read later. */
  at: number;
}

export interface AttackReport {
  event: "done";
  /** What was tried, with amounts. */
  tried: string;
  /** How many answers of each kind came: "ok" or the error's code. */
  answers: Record<string, number>;
  /** How many connections ended how: close code, "cut" without one, "refused 429" at the upgrade. */
  closes: Record<string, number>;
  /** What the server should not have done to this attacker. */
  faults: string[];
  /** Shares of a processor that its thread had, and that it waited for, since its preparations were over. */
  processor?: { share: number; waited: number };
}

/** For the victim's process. */
export interface VictimPlan {
  port: number;
  user: SiegeUser;
  symbol: string;
  intervalMs: number;
  /** Of the server that only sends back: it is asked whenever an order is sent. */
  echoPort: number;
  /** The besieged server's process. */
  serverPid: number;
}

/** One order of the victim. */
export interface VictimSample {
  event: "order";
  /** When it was to be sent, milliseconds since 1970. */
  plannedAt: number;
  /** From then until its answer was read. */
  latencyMs: number;
  /** Of it the server's thread and the victim's could have run and had no processor. */
  waitedMs: number;
  /** "ok" or the error's code. */
  answer: string;
}

/** The bare echo can be asked. */
export interface ListeningLine {
  event: "listening";
  port: number;
}

/** What the bare echo took, asked at the same time. */
export interface EchoSample {
  event: "echo";
  plannedAt: number;
  latencyMs: number;
}

/** For the process of those who only read. */
export interface ReadersPlan {
  port: number;
  marketData: number;
  /** Reads market data. Logged in, because strangers of one address share what the address may do. */
  subscriber: SiegeUser;
  /** Listens to its user data. */
  listener: SiegeUser;
}

/** The victim's or a reader's connection ended, which none of them wanted. */
export interface ClosedLine {
  event: "closed";
  who: string;
  close: string;
}

/** The besieged server's thread since the line before. */
export interface LoopLine {
  event: "loop";
  /** Milliseconds since 1970. */
  at: number;
  wallMs: number;
  /** Of the thread. */
  cpuMs: number;
  /** The thread could have run and had no processor. */
  waitedMs: number;
  /** Milliseconds of the processor from one chance of a timer to the next, of those worth telling. */
  stretches: number[];
}
