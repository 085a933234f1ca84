/**
 * The rule that every attack is judged by. What the victim had to wait is the exchange's doing only where the machine had
 * time for it: where the bare echo of the same seconds makes up for what is too much, it is told as unclear, neither
 * held nor failed. What the server's thread did in one go is its own doing on any machine.
 */
import type { VictimFigures } from "./figures.ts";
import { tallyText } from "./tally.ts";

export interface Rule {
  /** The victim's p99 stays within so many times of its quiet p99, and under `p99MsMax` milliseconds. */
  ratioMax: number;
  p99MsMax: number;
  /** Milliseconds of the processor that all but one in a hundred wait at most for the server's thread. */
  loopMsMax: number;
  /** Resident memory of the server at any time. */
  memoryMibMax: number;
  /** The same after the recovery, where the attack left nothing that has to be kept. */
  memoryAfterMibMax: number;
  /** What the server may log a second. */
  logBytesPerSecondMax: number;
}

/** What an attack did. */
export interface Damage {
  quiet: VictimFigures;
  attacked: VictimFigures;
  /** The end of the recovery. */
  recovered: VictimFigures;
  memoryPeakMib: number;
  memoryAfterMib: number;
  /** The attack left orders and histories that the exchange has to keep. */
  isMemoryKept: boolean;
  logBytesPerSecond: number;
  /** Everybody who was thrown out, and how. */
  thrownOut: readonly string[];
  /** Why the exchange does not trade any more. */
  tradingFault: string | undefined;
  /** What the attacker found. */
  faults: readonly string[];
}

/** Of those who were thrown out, so many are named. */
const NAMED_MAX = 3;

/** What of the rule was broken, a sentence each. */
export interface Verdict {
  /** Nothing, when the exchange held. */
  faults: string[];
  /** What the machine may have done. */
  doubts: string[];
}

export function verdictOf(damage: Damage, rule: Rule): Verdict {
  const { faults, doubts } = slownessOf(damage, rule);
  return { faults: [...faults, ...otherFaultsOf(damage, rule)], doubts };
}

/** Nothing was broken but the bounds on time. */
export function isSlowOnly(damage: Damage, rule: Rule): boolean {
  const { faults, doubts } = slownessOf(damage, rule);
  return faults.length + doubts.length > 0 && otherFaultsOf(damage, rule).length === 0;
}

/** The most that the victim's p99 may be under attack, given what it was in `quiet`. */
export function p99MsMaxOf(quiet: VictimFigures, rule: Rule): number {
  return Math.min(rule.ratioMax * quiet.p99, rule.p99MsMax);
}

function slownessOf({ quiet, attacked, recovered }: Damage, rule: Rule): Verdict {
  const verdict: Verdict = { faults: [], doubts: [] };
  const p99Max = p99MsMaxOf(quiet, rule);
  const judge = ({ p99, servedP99, echoP99 }: VictimFigures, when: string): void => {
    if (p99 <= p99Max) return;
    const slow = `victim's p99 ${p99.toFixed(1)} ms${when}, over ${p99Max.toFixed(1)}`;
    if (servedP99 <= p99Max) {
      verdict.doubts.push(`${slow}, but ${servedP99.toFixed(1)} without waits for a processor`);
    } else if (p99 - echoP99 <= p99Max) {
      verdict.doubts.push(`${slow}, but the echo's is ${echoP99.toFixed(1)}`);
    } else {
      verdict.faults.push(slow);
    }
  };
  judge(attacked, "");
  judge(recovered, " after the recovery");
  const { longestMs, p99Ms } = attacked.loop;
  if (p99Ms > rule.loopMsMax) {
    verdict.faults.push(`p99 of waiting for the server's thread ${p99Ms.toFixed(1)} ms`);
  }
  if (longestMs > rule.p99MsMax) {
    verdict.faults.push(`the server's thread was held for ${longestMs.toFixed(0)} ms`);
  }
  return verdict;
}

function otherFaultsOf(damage: Damage, rule: Rule): string[] {
  const { attacked } = damage;
  const faults: string[] = [];
  if (attacked.unanswered > 0)
    faults.push(`${attacked.unanswered} orders were not answered in time`);
  const refused = tallyText(attacked.refused);
  if (refused !== "") faults.push(`victim was refused: ${refused}`);
  if (damage.memoryPeakMib > rule.memoryMibMax) {
    faults.push(`memory ${damage.memoryPeakMib} MiB, over ${rule.memoryMibMax}`);
  }
  if (!damage.isMemoryKept && damage.memoryAfterMib > rule.memoryAfterMibMax) {
    faults.push(`memory still ${damage.memoryAfterMib} MiB, over ${rule.memoryAfterMibMax}`);
  }
  if (damage.logBytesPerSecond > rule.logBytesPerSecondMax) {
    faults.push(`logged ${Math.round(damage.logBytesPerSecond / 1024)} KiB a second`);
  }
  if (damage.thrownOut.length > 0) faults.push(`thrown out: ${namesOf(damage.thrownOut)}`);
  if (damage.tradingFault !== undefined) faults.push(`no trade: ${damage.tradingFault}`);
  return [...faults, ...damage.faults];
}

function namesOf(all: readonly string[]): string {
  const named = all.slice(0, NAMED_MAX).join(", ");
  return all.length > NAMED_MAX ? `${named} and ${all.length - NAMED_MAX} others` : named;
}
