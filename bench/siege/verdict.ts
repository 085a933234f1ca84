/** The rule that every attack is judged by. */
import type { VictimFigures } from "./figures.ts";
import { tallyText } from "./tally.ts";

export interface Rule {
  /** The victim's p99 stays within so many times of its quiet p99 … */
  ratioMax: number;
  /** … which is taken as at least this; and under `p99MsMax`; the echo's at the same time comes on top. Milliseconds. */
  quietMsMin: number;
  p99MsMax: number;
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

/** What of the rule was broken, a sentence each; nothing when the exchange held. */
export function faultsOf(damage: Damage, rule: Rule): string[] {
  return [...slownessOf(damage, rule), ...otherFaultsOf(damage, rule)];
}

/** Nothing was broken but the bound on time. */
export function isSlowOnly(damage: Damage, rule: Rule): boolean {
  return slownessOf(damage, rule).length > 0 && otherFaultsOf(damage, rule).length === 0;
}

/** So long the victim's p99 may be in `figures`, after it was as it was in `quiet`. */
export function p99MsMaxOf(quiet: VictimFigures, rule: Rule, { echoP99 }: VictimFigures): number {
  return Math.min(rule.ratioMax * Math.max(quiet.p99, rule.quietMsMin), rule.p99MsMax) + echoP99;
}

function slownessOf({ quiet, attacked, recovered }: Damage, rule: Rule): string[] {
  const faults: string[] = [];
  const p99Max = p99MsMaxOf(quiet, rule, attacked);
  if (attacked.p99 > p99Max) {
    faults.push(`victim's p99 ${attacked.p99.toFixed(1)} ms, over ${p99Max.toFixed(1)}`);
  }
  if (recovered.p99 > p99MsMaxOf(quiet, rule, recovered)) {
    faults.push(`victim's p99 still ${recovered.p99.toFixed(1)} ms after the recovery`);
  }
  return faults;
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
