/** The command line of `bun run siege`. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Rule } from "./verdict.ts";

export interface SiegeOptions {
  seed: number;
  /** Only these attacks; undefined = all. */
  only: readonly string[] | undefined;
  /** The checkout whose server is besieged. */
  checkout: string;
  /** The directory for profiles of the servers. */
  profileTo: string | undefined;
  /** All connections to the server use TLS. */
  isTls: boolean;
  /** The factor of all amounts; 1 = the full amounts. */
  scale: number;
  /** The duration of an attack that has no end of its own. */
  seconds: number;
  /** The most seconds for an attack that does a fixed amount of work. */
  secondsMax: number;
  /** How long the victim is measured before an attack. */
  quietSeconds: number;
  /** How long the victim is measured after an attack, each time. */
  recoverySeconds: number;
  /** How long the exchange may take to recover. */
  recoverySecondsMax: number;
  /** The victim is measured for at least this long during an attack, because percentiles of less say nothing. */
  windowSeconds: number;
  /** An order counts as unanswered when it was not answered in this time. */
  patienceSeconds: number;
  heartbeatSeconds: number;
  /**
   * One attack of each kind, and no bound on time. To save time, the next attack uses the same server even if the last
   * one left much behind.
   */
  isShort: boolean;
  /** The most resident memory of the server. */
  memoryMibMax: number;
  rule: Pick<Rule, "ratioMax" | "p99MsMax" | "loopMsMax" | "logBytesPerSecondMax">;
}

export const USAGE = `Attacks a real server while a victim trades and others read. Exits with 1 if the server breaks the rule.

  bun run siege [options]

  --seed S          the seed of all random numbers (1)
  --minutes M       scales amounts and times; with 10 all attacks have their full amounts (10)
  --only NAME,…     run only these attacks
  --short           one attack of each kind, in about a minute; no times are judged, so the machine may be busy
  --memory MIB      the most memory that the server's process may use (1536)
  --checkout DIR    attack the server of another checkout, to compare (this one)
  --profile DIR     write profiles of the attacked servers (*.cpuprofile) into this directory
  --tls             use TLS for all connections to the server (needs openssl)
  --list            list the attacks and what each does
`;

/** The value of --minutes with which amounts are not scaled. */
const FULL_MINUTES = 10;
const SCALE_MAX = 20;
const CHECKOUT = resolve(import.meta.dir, "../..");

const LOG_BYTES_PER_SECOND_MAX = 256 * 1024;

/** Reads the arguments. Throws an `Error` that names the wrong option and the values that it takes. */
export function parseOptions(args: string[]): SiegeOptions | "help" | "list" {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: String(FULL_MINUTES) },
      only: { type: "string" },
      short: { type: "boolean", default: false },
      memory: { type: "string", default: "1536" },
      checkout: { type: "string", default: CHECKOUT },
      profile: { type: "string" },
      tls: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (values.list) return "list";
  const common = {
    seed: whole("seed", values.seed, 0),
    only: values.only?.split(","),
    checkout: resolve(values.checkout),
    isTls: values.tls,
    profileTo: values.profile === undefined ? undefined : resolve(values.profile),
    memoryMibMax: whole("memory", values.memory, 1),
  };
  const scale = Math.min(SCALE_MAX, whole("minutes", values.minutes, 1) / FULL_MINUTES);
  return { ...common, ...(values.short ? SHORT : full(scale)) };
}

type Extent = Omit<
  SiegeOptions,
  "seed" | "only" | "checkout" | "profileTo" | "isTls" | "memoryMibMax"
>;

function full(scale: number): Extent {
  return {
    scale,
    seconds: Math.min(60, Math.max(2, 6 * scale)),
    secondsMax: Math.max(10, 60 * scale),
    quietSeconds: Math.min(6, Math.max(2, 3 * scale)),
    recoverySeconds: 2,
    recoverySecondsMax: 15,
    windowSeconds: 1,
    patienceSeconds: 5,
    heartbeatSeconds: 4,
    isShort: false,
    rule: {
      ratioMax: 3,
      p99MsMax: 50,
      // Three times the victim's p99 on an idle machine, which is 3 to 4 ms.
      loopMsMax: 10,
      logBytesPerSecondMax: LOG_BYTES_PER_SECOND_MAX,
    },
  };
}

/**
 * Judges only what does not depend on the speed of the machine: whether the server runs and trades, whether victim or
 * readers were closed or refused, how much memory the server uses, and which errors the attackers get.
 */
const SHORT: Extent = {
  scale: 0.02,
  seconds: 0.5,
  secondsMax: 60,
  quietSeconds: 0.1,
  windowSeconds: 0.1,
  recoverySeconds: 0.1,
  recoverySecondsMax: 60,
  patienceSeconds: 60,
  heartbeatSeconds: 2,
  isShort: true,
  rule: {
    ratioMax: Infinity,
    p99MsMax: Infinity,
    loopMsMax: Infinity,
    logBytesPerSecondMax: LOG_BYTES_PER_SECOND_MAX,
  },
};

function whole(option: string, value: string, min: number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < min) {
    throw new Error(`--${option} takes a whole number from ${min}, not "${value}"`);
  }
  return number;
}
