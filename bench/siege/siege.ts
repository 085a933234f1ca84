/**
 * Runs one attack after the other. Each has a quiet period, the attack, the recovery and a verdict. If the victim was
 * only slow, the reason may be the machine, and the attack is made twice more.
 */
import type { Attack } from "./attack.ts";
import { ChildProcess } from "./child-process.ts";
import { type ErrorCounts, errorCounts, errorsSince } from "./error-counts.ts";
import type { VictimFigures } from "./figures.ts";
import type { SiegeOptions } from "./options.ts";
import type { AttackBegin, AttackPlan, AttackReport } from "./plan.ts";
import { TestBed } from "./test-bed.ts";
import {
  type Damage,
  isSlowOnly,
  p99MsMaxOf,
  type Rule,
  type Verdict,
  verdictOf,
} from "./verdict.ts";
import { wrongAnswers } from "./wrong-answers.ts";

/** An attacker's process may run for this much longer than its attack, because it makes preparations. */
const PREPARATION_SECONDS_MAX = 60;
/** An attack that only made the victim slower is judged by the median of this many rounds. */
const ROUNDS = 3;

export interface AttackResult extends Verdict {
  attack: Attack;
  report: AttackReport;
  damage: Damage;
  /** The share of one processor that the server used. */
  cpuShare: number;
  /** The errors by the server's own count; undefined if it did not answer. */
  errors: ErrorCounts | undefined;
  /** How often the attack was made. The figures are those of one round; see `judged`. */
  rounds: number;
}

/**
 * Runs the attacks and calls `onResult` after each. The next attack uses the same server, unless the last one broke
 * something or left much behind that could affect it.
 */
export async function runSiege(
  attacks: readonly Attack[],
  options: SiegeOptions,
  onResult: (result: AttackResult) => void,
): Promise<void> {
  let testBed: TestBed | undefined;
  try {
    for (const attack of attacks) {
      const rounds: AttackResult[] = [];
      while (needsRound(rounds, options)) {
        testBed ??= await TestBed.open(options);
        const round = await besiege(testBed, attack, options);
        rounds.push(round);
        const isSpoiled = attack.leavesMuch && !options.isShort;
        if (round.faults.length > 0 || isSpoiled) {
          await testBed[Symbol.asyncDispose]();
          testBed = undefined;
        }
      }
      onResult(judged(rounds, options));
    }
  } finally {
    await testBed?.[Symbol.asyncDispose]();
  }
}

/** Whether there must be another round: the victim was slow in the first one, and nothing else was broken in any. */
function needsRound(rounds: readonly AttackResult[], options: SiegeOptions): boolean {
  const [first] = rounds;
  if (first === undefined) return true;
  if (rounds.length === ROUNDS || !isSlowOnly(first.damage, ruleOf(options))) return false;
  return !rounds.some((round) => isBroken(round, options));
}

/** Whether more was broken than the bounds on time. */
function isBroken({ faults, damage }: AttackResult, options: SiegeOptions): boolean {
  return faults.length > 0 && !isSlowOnly(damage, ruleOf(options));
}

/** The round in which the victim's slowdown was the median; the last round if it broke more than the bounds on time. */
function judged(rounds: readonly AttackResult[], options: SiegeOptions): AttackResult {
  const slower = ({ damage }: AttackResult): number => damage.attacked.p99 / damage.quiet.p99;
  const sorted = rounds.toSorted((a, b) => slower(a) - slower(b));
  const last = rounds.at(-1);
  const hasBroken = last !== undefined && isBroken(last, options);
  const result = rounds.length === ROUNDS && !hasBroken ? sorted[ROUNDS >> 1] : last;
  if (result === undefined) throw new Error("An attack without a round");
  return { ...result, rounds: rounds.length };
}

async function besiege(
  testBed: TestBed,
  attack: Attack,
  options: SiegeOptions,
): Promise<AttackResult> {
  const { server, watch } = testBed;
  const quiet = await testBed.figuresOf(options.quietSeconds);
  const rule = ruleOf(options);
  const closedBefore = testBed.closedClients.length;
  const errorsBefore = await errorCounts(server.port);
  const plan: AttackPlan = {
    name: attack.name,
    port: server.port,
    adminToken: server.adminToken,
    ...(await testBed.supply(attack)),
    seed: options.seed,
    seconds: options.seconds,
    secondsMax: options.secondsMax,
    scale: options.scale,
    heartbeatSeconds: options.heartbeatSeconds,
    isTimed: !options.isShort,
  };
  watch.reset();
  const { from, to, report } = await runAttack(testBed, plan, options.windowSeconds);
  const attacked = await testBed.figuresBetween(from, to);
  const { cpuShare, logBytesPerSecond } = watch;
  const recovered = await recover(testBed, attack, options, rule, quiet);
  const errorsAfter = await errorCounts(server.port);
  const tradingFault = await testBed.probe.fault();
  const damage: Damage = {
    quiet,
    attacked,
    recovered,
    memoryPeakMib: watch.memoryPeakMib,
    memoryAfterMib: watch.memoryMib,
    isMemoryKept: attack.leavesMuch ?? false,
    logBytesPerSecond,
    closedClients: testBed.closedClients.slice(closedBefore),
    tradingFault,
    faults: [
      ...report.faults,
      ...wrongAnswers(report),
      ...(server.end === undefined ? [] : [server.end]),
    ],
  };
  const errors =
    errorsBefore === undefined || errorsAfter === undefined
      ? undefined
      : errorsSince(errorsBefore, errorsAfter);
  return { attack, report, damage, cpuShare, errors, ...verdictOf(damage, rule), rounds: 1 };
}

/** Runs the attacker's process. The time counts from the end of its preparations. */
async function runAttack(
  testBed: TestBed,
  plan: AttackPlan,
  windowSeconds: number,
): Promise<{ from: number; to: number; report: AttackReport }> {
  let from = Date.now();
  let report: AttackReport | undefined;
  await using attacker = new ChildProcess({
    script: "attack-process.ts",
    plan,
    isAttacker: true,
    secondsMax: plan.secondsMax + plan.seconds + PREPARATION_SECONDS_MAX,
    onLine(line) {
      if (line.event === "begin") {
        from = (line as unknown as AttackBegin).at;
        testBed.watch.reset();
      }
      if (line.event === "done") report = line as unknown as AttackReport;
    },
  });
  const exitCode = await attacker.ended;
  await Bun.sleep(Math.max(0, from + windowSeconds * 1000 - Date.now()));
  const fault = `the attacker ended with ${exitCode} and without a report`;
  report ??= { event: "done", tried: "", answers: {}, closes: {}, faults: [fault] };
  return { from, to: Date.now(), report };
}

/** Waits until the victim is served as before and the memory is freed, but not longer than allowed. */
async function recover(
  testBed: TestBed,
  attack: Attack,
  options: SiegeOptions,
  rule: Rule,
  quiet: VictimFigures,
): Promise<VictimFigures> {
  const { server, watch } = testBed;
  const end = performance.now() + options.recoverySecondsMax * 1000;
  while (true) {
    const figures = await testBed.figuresOf(options.recoverySeconds);
    const isServed = figures.p99 <= p99MsMaxOf(quiet, rule) && figures.unanswered === 0;
    const isFreed = attack.leavesMuch || watch.memoryMib <= rule.memoryAfterMibMax;
    if ((isServed && isFreed) || server.end !== undefined || performance.now() > end)
      return figures;
  }
}

/** The rule with its bounds on memory. After the recovery, the server may use half of what it may use in an attack. */
function ruleOf({ rule, memoryMibMax }: SiegeOptions): Rule {
  return { ...rule, memoryMibMax, memoryAfterMibMax: memoryMibMax / 2 };
}
