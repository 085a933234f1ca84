/** Wrong logins of three classes, in random order, each timed alone, and what their times tell apart. */
import { median } from "../figures.ts";
import { rankTest } from "./rank-test.ts";

/** Two classes of keys (or names) that exist, to see what noise gives, and one of those that do not. */
export const CLASSES = ["exists", "exists too", "does not"] as const;
export type Class = (typeof CLASSES)[number];
export type Subjects = Readonly<Record<Class, readonly string[]>>;

/** Beyond so many standard deviations, and beyond twice what noise gives, a difference is held to be there. */
const SIGMAS = 4.5;

export interface Measured {
  what: string;
  subjects: Subjects;
  /** Of each class. */
  tries: number;
  /**
   * "key": the least time of each key is a sample, for where its bytes lie in memory is not chance. "try": each time is one.
   */
  sample: "key" | "try";
  /** One wrong login, in microseconds. */
  time(subject: string): number | Promise<number>;
}

/** Prints a line; gives whether the classes can be told apart. */
export async function compare({ what, subjects, tries, sample, time }: Measured): Promise<boolean> {
  const times: Record<Class, number[]> = { exists: [], "exists too": [], "does not": [] };
  const least: Record<Class, Map<string, number>> = {
    ...{ exists: new Map(), "exists too": new Map(), "does not": new Map() },
  };
  for (let i = 0; i < tries; i++) {
    for (const of of shuffled(CLASSES)) {
      const names = subjects[of];
      const subject = names[i % names.length] as string;
      const taken = await time(subject);
      times[of].push(taken);
      least[of].set(subject, Math.min(taken, least[of].get(subject) ?? taken));
    }
  }
  const [exists, too, not] = CLASSES.map((of) =>
    sample === "try" ? times[of] : [...least[of].values()],
  ) as [number[], number[], number[]];
  const noise = rankTest(exists, too);
  const z = rankTest([...exists, ...too], not);
  const isTold = Math.abs(z) > SIGMAS && Math.abs(z) > 2 * Math.abs(noise);
  console.log(
    `${what}, ${tries} of each class, ${exists.length} samples: median ${median([...exists, ...too]).toFixed(2)} µs ` +
      `where it exists, ${median(not).toFixed(2)} where not; z ${z.toFixed(1)}, of noise ${noise.toFixed(1)}: ` +
      (isTold ? "TOLD APART" : "not told apart"),
  );
  return isTold;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
