/** Times wrong logins of three classes in random order, and tells whether the classes differ. */
import { median } from "../figures.ts";
import { rankTest } from "./rank-test.ts";

/** `some` and `same` are of the same kind: they differ by noise only. `others` must not be told apart from them. */
const CLASSES = ["some", "same", "others"] as const;
type Class = (typeof CLASSES)[number];
export type Subjects = Readonly<Record<Class, readonly string[]>>;

/** There is a difference if it is above this many standard deviations, and above twice the noise. */
const SIGMAS = 4.5;
/** Half of a 95 % confidence interval, in standard deviations. */
const BOUND_SIGMAS = 1.96;

export interface Measured {
  what: string;
  /** What `some` and `same` are, and what `others` are. */
  kinds: readonly [string, string];
  subjects: Subjects;
  /** Tries of each class. */
  tries: number;
  /**
   * "try": every time is a sample. "key": the least time of each key is one sample, because its place in memory affects
   * all of its times alike.
   */
  sample: "key" | "try";
  /** Makes one wrong login, and returns the microseconds that it took. */
  time(subject: string): number | Promise<number>;
}

/** Compares the classes and returns whether they can be told apart. */
export type Compare = (measured: Measured) => Promise<boolean>;

/** Prints a line. Returns whether the classes can be told apart. */
export async function compare(measured: Measured): Promise<boolean> {
  const { what, kinds, tries } = measured;
  const { some, same, others } = await samplesOf(measured);
  const all = [...some, ...same];
  const noise = rankTest(some, same);
  const z = rankTest(all, others);
  const isTold = Math.abs(z) > SIGMAS && Math.abs(z) > 2 * Math.abs(noise);
  const difference = median(others) - median(all);
  const bound = BOUND_SIGMAS * Math.hypot(medianError(all), medianError(others));
  console.log(
    `${what}, ${tries} of each class, ${some.length} samples: median ${median(all).toFixed(2)} µs ${kinds[0]}, ` +
      `${median(others).toFixed(2)} ${kinds[1]}; difference ${difference.toFixed(2)} ± ${bound.toFixed(2)}; ` +
      `z ${z.toFixed(1)}, of noise ${noise.toFixed(1)}: ${isTold ? "TOLD APART" : "not told apart"}`,
  );
  return isTold;
}

async function samplesOf(measured: Measured): Promise<Record<Class, number[]>> {
  const { subjects, tries, sample, time } = measured;
  const times: Record<Class, number[]> = { some: [], same: [], others: [] };
  const least = { some: new Map(), same: new Map(), others: new Map() };
  for (let i = 0; i < tries; i++) {
    for (const of of shuffled(CLASSES)) {
      const names = subjects[of];
      const subject = names[i % names.length] as string;
      const taken = await time(subject);
      times[of].push(taken);
      least[of].set(subject, Math.min(taken, least[of].get(subject) ?? taken));
    }
  }
  if (sample === "try") return times;
  const { some, same, others } = least;
  return { some: [...some.values()], same: [...same.values()], others: [...others.values()] };
}

/** The standard error of a median, from the values next to it in order. */
function medianError(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (BOUND_SIGMAS * Math.sqrt(sorted.length)) / 2;
  const at = (index: number): number =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(index)))] as number;
  const middle = (sorted.length - 1) / 2;
  return (at(middle + half) - at(middle - half)) / (2 * BOUND_SIGMAS);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
