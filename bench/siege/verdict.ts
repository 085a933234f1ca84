/**
 * Judges an attack by the rule. If the victim was too slow, the reason can be the exchange or the machine. Where waits
 * for a processor, or the slowness of the bare echo in the same seconds, explain it, the verdict is "unclear" instead
 * of failed. The times of the server's thread are processor times, so they are the exchange's own on every machine.
 */
import type { VictimFigures } from "./figures.ts";
import { tallyText } from "./tally.ts";

export interface Rule {
  /** The most that the victim's p99 may be, as a multiple of its quiet p99. */
  ratioMax: number;
  /** The most milliseconds of the victim's p99, and of one stretch in which the server's thread is held. */
  p99MsMax: number;
  /** The most milliseconds of the p99 of waiting for the server's thread. */
  loopMsMax: number;
  /** The most resident memory of the server at any time. */
  memoryMibMax: number;
  /** The same after the recovery, if the attack left nothing that must be kept. */
  memoryAfterMibMax: number;
  /** The most bytes that the server may log in a second. */
  logBytesPerSecondMax: number;
}

/** The effects of an attack. */
export interface Damage {
  quiet: VictimFigures;
  attacked: VictimFigures;
  /** The figures at the end of the recovery. */
  recovered: VictimFigures;
  memoryPeakMib: number;
  memoryAfterMib: number;
  /** The attack left orders and histories that the exchange must keep. */
  isMemoryKept: boolean;
  logBytesPerSecond: number;
  /** Victim and readers whose connections were closed, and how. */
  closedClients: readonly string[];
  /** Why the exchange no longer trades; undefined if it does. */
  tradingFault: string | undefined;
  /** Faults that the attacker found. */
  faults: readonly string[];
}

/** At most this many closed connections are named. */
const NAMED_MAX = 3;

/** How the rule was broken, as sentences. */
export interface Verdict {
  /** Empty if the exchange held. */
  faults: string[];
  /** Breaches that the machine may have caused. */
  doubts: string[];
}

export function verdictOf(damage: Damage, rule: Rule): Verdict {
  const { faults, doubts } = slownessOf(damage, rule);
  return { faults: [...faults, ...otherFaultsOf(damage, rule)], doubts };
}

/** Whether only bounds on time were broken. */
export function isSlowOnly(damage: Damage, rule: Rule): boolean {
  const { faults, doubts } = slownessOf(damage, rule);
  return faults.length + doubts.length > 0 && otherFaultsOf(damage, rule).length === 0;
}

/** The most milliseconds of the victim's p99 in an attack. `quiet` has the figures before it. */
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
  if (damage.closedClients.length > 0)
    faults.push(`connections closed: ${namesOf(damage.closedClients)}`);
  if (damage.tradingFault !== undefined) faults.push(`no trade: ${damage.tradingFault}`);
  return [...faults, ...damage.faults];
}

function namesOf(all: readonly string[]): string {
  const named = all.slice(0, NAMED_MAX).join(", ");
  return all.length > NAMED_MAX ? `${named} and ${all.length - NAMED_MAX} others` : named;
}
