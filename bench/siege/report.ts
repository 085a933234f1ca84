/** Formats the results of a siege. */
import type { VictimFigures } from "./figures.ts";
import type { LoopFigures } from "./loop-figures.ts";
import type { AttackResult } from "./siege.ts";
import { tallyText } from "./tally.ts";
import { MARKET_DATA_READERS } from "./test-bed.ts";

const HEAD = [
  "attack",
  "quiet p50/p99/max ms",
  "attacked p50/p99/max ms",
  "served",
  "echo",
  "p99",
  "quiet thread, waited, wait p99/longest",
  "attacked thread",
  "MiB",
  "CPU",
  "closed",
  "verdict",
];
/**
 * The number of connections that must not be closed: readers of market data, the reader of user data, and the victim.
 */
const PROTECTED_CONNECTIONS = MARKET_DATA_READERS + 2;

/** If the quiet p99 is above this, other processes keep the machine busy. */
const BUSY_MS = 10;

/** The line that is printed after each attack. */
export function progressLine(result: AttackResult): string {
  const broken = [...result.faults, ...result.doubts];
  const told = broken.length === 0 ? "" : `: ${broken.join("; ")}`;
  return `${result.attack.name}: ${verdictText(result)}${told}`;
}

function verdictText({ faults, doubts }: AttackResult): string {
  if (faults.length > 0) return "FAILED";
  return doubts.length > 0 ? "unclear" : "held";
}

/** A row of figures for each attack, and below it what was tried, which answers came, and what was broken. */
export function siegeTable(results: readonly AttackResult[]): string[] {
  const rows = [HEAD, ...results.map(figureCells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [head = "", ...lines] = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const told = results.flatMap((result, n) => [lines[n] ?? "", ...storyLines(result)]);
  const count = (verdict: string): number =>
    results.filter((result) => verdictText(result) === verdict).length;
  const end = `${count("held")} held, ${count("unclear")} unclear, ${count("FAILED")} failed`;
  return [head, ...told, ...busyLines(results), end];
}

/** A warning if the machine was busy, because that can be the reason for a failure. */
function busyLines(results: readonly AttackResult[]): string[] {
  const quiet = Math.max(...results.map(({ damage }) => damage.quiet.p99));
  if (quiet <= BUSY_MS) return [];
  return [`this machine is busy: quiet p99 up to ${quiet.toFixed(1)} ms`];
}

function figureCells(result: AttackResult): string[] {
  const { attack, damage, cpuShare } = result;
  const { quiet, attacked, memoryPeakMib, closedClients } = damage;
  return [
    attack.name,
    milliseconds(quiet),
    milliseconds(attacked),
    attacked.servedP99.toFixed(1),
    attacked.echoP99.toFixed(1),
    `× ${(attacked.p99 / quiet.p99).toFixed(1)}`,
    loopText(quiet.loop),
    loopText(attacked.loop),
    memoryPeakMib.toFixed(0),
    percent(cpuShare),
    `${closedClients.length}/${PROTECTED_CONNECTIONS}`,
    verdictText(result),
  ];
}

function storyLines(result: AttackResult): string[] {
  const { attack, report, errors, faults, doubts, damage, rounds } = result;
  const answers = tallyText(report.answers);
  const closes = tallyText(report.closes);
  const lines = [
    `section ${attack.section}: ${attack.about}`,
    `tried: ${report.tried || "nothing"}`,
  ];
  lines.push(`answered: ${answers || "nothing"}; closed: ${closes || "none"}`);
  const { processor } = report;
  if (processor !== undefined) {
    const { share, waited } = processor;
    lines.push(
      `the attacker's thread had ${percent(share)} of a processor, and waited ${percent(waited)} for one`,
    );
  }
  if (errors === undefined) lines.push("the server's metrics did not answer");
  else lines.push(`errors by the server's count: ${tallyText(errors) || "none"}`);
  if (rounds > 1) lines.push(`the median of ${rounds} rounds, because the first was slow`);
  lines.push(`memory after the recovery: ${damage.memoryAfterMib.toFixed(0)} MiB`);
  if (faults.length > 0) lines.push(`FAILED: ${faults.join("; ")}`);
  if (doubts.length > 0) lines.push(`unclear: ${doubts.join("; ")}`);
  return lines.map((line) => `    ${line}`);
}

function loopText({ cpuShare, waitedShare, p99Ms, longestMs }: LoopFigures): string {
  const times = [p99Ms, longestMs].map((ms) => ms.toFixed(1));
  return [percent(cpuShare), percent(waitedShare), ...times].join(" / ");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function milliseconds({ p50, p99, max }: VictimFigures): string {
  return [p50, p99, max].map((value) => value.toFixed(1)).join(" / ");
}
