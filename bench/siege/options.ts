/** The command line of `bun run siege`. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Rule } from "./verdict.ts";

export interface SiegeOptions {
  seed: number;
  /** Only these attacks; all without it. */
  only: readonly string[] | undefined;
  /** The checkout whose server is besieged. */
  checkout: string;
  profileTo: string | undefined;
  /** Everybody speaks TLS to the server. */
  isTls: boolean;
  /** What amounts are multiplied with; 1 is the full ones. */
  scale: number;
  /** Seconds of an attack that has no end of its own, and the most for one that counts. */
  seconds: number;
  secondsMax: number;
  quietSeconds: number;
  /** What is looked at after an attack, and how long the exchange may take to be well again. */
  recoverySeconds: number;
  recoverySecondsMax: number;
  /** The least that is looked at of an attack: percentiles of less say nothing. */
  windowSeconds: number;
  /** An order may be answered so much later before it counts as unanswered. */
  patienceSeconds: number;
  heartbeatSeconds: number;
  /**
   * One attack of each kind, and no bound on time; an attack that left much behind is not followed by a new server, which
   * takes its time.
   */
  isShort: boolean;
  /** Of the server's resident memory. */
  memoryMibMax: number;
  rule: Pick<Rule, "ratioMax" | "p99MsMax" | "loopMsMax" | "logBytesPerSecondMax">;
}

export const USAGE = `Attacks a real server while a victim trades and others read; exits with 1 when it does not hold.

  bun run siege [options]

  --seed S          of everything random (1)
  --minutes M       about how long all of it takes; amounts and times follow; 10 is the full amounts (10)
  --only NAME,…     only these attacks
  --short           one attack of each kind in about a minute, judged by what a busy machine does not change: no times
  --memory MIB      what the server's process may use at most (1536)
  --checkout DIR    besiege the server of another checkout, to compare (this one)
  --profile DIR     takes profiles of the besieged servers (*.cpuprofile)
  --tls             everybody speaks TLS to the server (needs openssl)
  --list            names the attacks and what each does
`;

/** The length for which the amounts are the full ones. */
const FULL_MINUTES = 10;
const SCALE_MAX = 20;
const CHECKOUT = resolve(import.meta.dir, "../..");

const LOG_BYTES_PER_SECOND_MAX = 256 * 1024;

/** Reads the arguments; throws an `Error` that names the option and what it takes. */
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
      // Three times of what the victim needs at its p99 on a machine that has nothing else to do, 3 to 4 ms.
      loopMsMax: 10,
      logBytesPerSecondMax: LOG_BYTES_PER_SECOND_MAX,
    },
  };
}

/**
 * Judged by what does not depend on how fast the machine is: whether the server lives and trades, who is thrown out or
 * refused, how much memory it takes, and what the attackers are told.
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
