/**
 * The messages between the processes of a siege. Each process gets one JSON object on its standard input, and writes
 * lines of JSON to its standard output.
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
  /** For what only an operator may do, such as opening an auction. */
  adminToken: string;
  /** Symbols that neither the victim nor the probe trades. */
  symbols: string[];
  /** The users that the attack asked for, in its order. */
  users: SiegeUser[];
  seed: number;
  /** The duration of an attack that has no end of its own. */
  seconds: number;
  /** An attack that does a fixed amount of work stops after this time. */
  secondsMax: number;
  /** The factor of all amounts; 1 = the full amounts. */
  scale: number;
  /** The server's `heartbeat_interval`. */
  heartbeatSeconds: number;
  /** Whether a slow server is a fault. */
  isTimed: boolean;
}

/** The preparations are over. From now on the victim is measured. */
export interface AttackBegin {
  event: "begin";
  /** Milliseconds since 1970, because the line may be read later. */
  at: number;
}

export interface AttackReport {
  event: "done";
  /** What was tried, with amounts. */
  tried: string;
  /** The number of answers by kind: "ok" or the code of the error. */
  answers: Record<string, number>;
  /** The number of closed connections by close code; "cut" without one, "refused 429" for a refused upgrade. */
  closes: Record<string, number>;
  /** What the server did wrong, as this attack found out. */
  faults: string[];
  /** Since the preparations: the share of the time in which its thread ran, and in which it waited for a processor. */
  processor?: { share: number; waited: number };
}

/** For the victim's process. */
export interface VictimPlan {
  port: number;
  user: SiegeUser;
  symbol: string;
  intervalMs: number;
  /** The port of the bare echo. The victim sends it a message with every order. */
  echoPort: number;
  /** The process id of the besieged server. */
  serverPid: number;
}

/** One order of the victim. */
export interface VictimSample {
  event: "order";
  /** The planned time of sending, milliseconds since 1970. */
  plannedAt: number;
  /** From the planned time until the answer was read. */
  latencyMs: number;
  /** The time in which the threads of server and victim were ready to run but had no processor. */
  waitedMs: number;
  /** "ok" or the code of the error. */
  answer: string;
}

/** The bare echo listens. */
export interface ListeningLine {
  event: "listening";
  port: number;
}

/** The time that the bare echo took for a message. */
export interface EchoSample {
  event: "echo";
  plannedAt: number;
  latencyMs: number;
}

/** For the process of the readers. */
export interface ReadersPlan {
  port: number;
  /** The number of connections that read market data. */
  marketData: number;
  /** The user who reads market data. It is logged in, because anonymous clients of one address share a rate limit. */
  subscriber: SiegeUser;
  /** The user who reads its user data. */
  listener: SiegeUser;
}

/** The server closed a connection of the victim or of a reader. */
export interface ClosedLine {
  event: "closed";
  who: string;
  close: string;
}

/** What the thread of the besieged server did since the line before. */
export interface LoopLine {
  event: "loop";
  /** Milliseconds since 1970. */
  at: number;
  wallMs: number;
  /** Processor time of the thread. */
  cpuMs: number;
  /** The time in which the thread was ready to run but had no processor. */
  waitedMs: number;
  /** Milliseconds of processor time from one turn of a timer to the next. Short ones are left out. */
  stretches: number[];
}
