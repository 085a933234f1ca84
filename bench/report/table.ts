/** Generates the table of figures in `bench/README.md` from the newest results. */
import type { Comparison } from "./report.ts";
import type { Results } from "./results.ts";
import { targetOf } from "./targets.ts";

const BEGIN = "<!-- figures: written by `bun run bench:table` -->";
const END = "<!-- end of figures -->";
const NONE = "–";

/** Replaces the figures in `page` by those of `results`. Throws if the page has no place for them. */
export function withFigures(page: string, results: Results | undefined): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("The page has no place for figures");
  const text = results === undefined ? "None have been taken yet." : figures(results);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
}

function figures({ taken_at: takenAt, commit, machine, reports }: Results): string {
  const { cpu, cores, kernel, bun, disk } = machine;
  return [
    `Taken on ${takenAt.slice(0, 10)} of commit \`${commit}\`: ${cpu}, ${cores} cores, ${kernel}, Bun ${bun}, ${disk}.`,
    "",
    "| what | figure | against | baseline | ratio | floor | goal | processors: server, client |",
    "|---|--:|---|--:|--:|--:|--:|---|",
    ...reports.flatMap(({ comparisons }) => comparisons.map(row)),
  ].join("\n");
}

function row(comparison: Comparison): string {
  const { name, unit, figure, against, baseline, ratio, details } = comparison;
  const target = targetOf(name);
  const limit = (value: number | undefined): string => {
    if (value === undefined) return NONE;
    return target?.of === "figure" ? `${number(value)} ${unit}` : String(value);
  };
  const shares = [details.server_cpu, details.client_cpu].filter((share) => share != null);
  const cells = [
    name,
    `${number(figure)} ${unit}`,
    against ?? NONE,
    baseline === null ? NONE : `${number(baseline)} ${unit}`,
    ratio === null ? NONE : ratio.toFixed(2),
    limit(target?.floor),
    limit(target?.goal),
    shares.length === 0 ? NONE : shares.map((share) => share.toFixed(2)).join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
