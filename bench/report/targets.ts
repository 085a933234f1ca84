/** The targets of the figures: the floor is the least that is accepted, the goal is what we aim at. */

export interface Target {
  floor: number;
  goal: number;
  /** Whether the target is for the ratio to the baseline or for the figure itself. */
  of: "ratio" | "figure";
}

const ratio = (floor: number, goal: number): Target => ({ floor, goal, of: "ratio" });
const figure = (floor: number, goal: number): Target => ({ floor, goal, of: "figure" });

/** Each pattern matches the names of the comparisons that have this target. */
const TARGETS: readonly [RegExp, Target][] = [
  [/^durable JSON orders$/, ratio(0.45, 0.6)],
  [/^durable MessagePack orders$/, ratio(0.33, 0.5)],
  [/^durable REST orders$/, ratio(0.3, 0.5)],
  [/^REST orders by socket orders$/, ratio(0.1, 0.5)],
  [/ sees it,/, ratio(2, 1.5)],
  [/ order, (?:4 × 34|open loop).*, p50$/, ratio(3, 2)],
  [/ order, (?:4 × 34|open loop).*, p99$/, ratio(5, 4)],
  [/^deliveries of /, ratio(0.8, 0.9)],
  [/^core with ledger, w1$/, ratio(0.3, 0.5)],
  [/^core with ledger, w2$/, ratio(0.3, 0.6)],
  [/^core with ledger, w3$/, ratio(0.3, 0.45)],
  [/^recovery, plain orders$/, figure(3e6, 4e6)],
  [/^recovery, with client order ids$/, figure(2e6, 3e6)],
  [/^recovery, ticks of one$/, figure(1.5e6, 2e6)],
  [/^memory of a resting order and its records$/, figure(160, 96)],
  [/^memory of an idle connection$/, figure(16_000, 10_000)],
  [/^start to ready, /, figure(500, 250)],
  [/^resident memory when ready$/, figure(110, 90)],
];

/** The target of the comparison `name`; undefined if it has none. */
export function targetOf(name: string): Target | undefined {
  return TARGETS.find(([pattern]) => pattern.test(name))?.[1];
}
