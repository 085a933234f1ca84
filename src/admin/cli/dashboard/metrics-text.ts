/** Reads the answer of `/metrics`: the part of Prometheus' text format that the exchange writes. */

export type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Upper bound of a bucket (that of the last is `Infinity`), and how many observations since the start were at
 * or below it.
 */
export type Bucket = readonly [le: number, count: number];

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export class MetricsText {
  readonly #series = new Map<string, Series[]>();

  /** Lines that are not of the format are skipped. */
  constructor(text: string) {
    for (const line of text.split("\n")) {
      const [, name, labels = "", value = ""] = LINE.exec(line) ?? [];
      if (name === undefined) continue;
      const list = this.#series.get(name) ?? [];
      list.push({ labels: labelsOf(labels), value: numberOf(value) });
      this.#series.set(name, list);
    }
  }

  /** The sum of the series that have these labels; undefined when there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.#find(name, labels);
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }

  /** Each value of a label with the number of its series, in the exchange's order. */
  by(name: string, label: string): [string, number][] {
    return this.#find(name, {}).map(({ labels, value }) => [labels[label] ?? "", value]);
  }

  /** The buckets of a histogram, smallest bound first. */
  buckets(name: string, labels: Labels = {}): Bucket[] {
    return this.#find(`${name}_bucket`, labels)
      .map((series): Bucket => [numberOf(series.labels.le ?? ""), series.value])
      .sort(([a], [b]) => a - b);
  }

  #find(name: string, labels: Labels): Series[] {
    const wanted = Object.entries(labels);
    const all = this.#series.get(name) ?? [];
    return all.filter((series) => wanted.every(([key, value]) => series.labels[key] === value));
  }
}

/**
 * The value below which `share` of the observations between two readings lies, by linear interpolation within a
 * bucket. When it lies in the last bucket, that bucket's lower bound. Null when nothing was observed.
 */
export function quantile(
  share: number,
  buckets: readonly Bucket[],
  before: readonly Bucket[] = [],
): number | null {
  const counts = buckets.map(([, count], i) => count - (before[i]?.[1] ?? 0));
  const total = counts.at(-1) ?? 0;
  if (!(total > 0)) return null;
  const rank = share * total;
  const at = counts.findIndex((count) => count >= rank);
  const low = at > 0 ? (buckets[at - 1]?.[0] ?? 0) : 0;
  const high = buckets[at]?.[0] ?? Number.POSITIVE_INFINITY;
  if (high === Number.POSITIVE_INFINITY) return low;
  const below = at > 0 ? (counts[at - 1] ?? 0) : 0;
  const inside = (counts[at] ?? 0) - below;
  return inside === 0 ? high : low + ((rank - below) / inside) * (high - low);
}

function labelsOf(text: string): Labels {
  const pairs = [...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [
    name,
    value.replaceAll(/\\(.)/g, (_, each: string) => (each === "n" ? "\n" : each)),
  ]);
  return Object.fromEntries(pairs) as Labels;
}

function numberOf(text: string): number {
  return text === "+Inf" ? Number.POSITIVE_INFINITY : Number(text);
}
