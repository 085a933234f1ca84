/** Numbers as Grafana shows them, by its names of units. */

const SECONDS_PER = { min: 60, hour: 3600, day: 86_400 } as const;
const THOUSANDS = ["", " K", " Mil", " Bil"];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];
const BYTES_A_SECOND = ["B/s", "kB/s", "MB/s", "GB/s"];

export function formatValue(unit: string, value: number): string {
  switch (unit) {
    case "s":
      return formatSeconds(value);
    case "percentunit":
      return `${rounded(value * 100)}%`;
    case "bytes":
      return scaled(value, 1024, BYTES, " ");
    case "Bps":
      return scaled(value, 1000, BYTES_A_SECOND, " ");
    case "ops":
      return `${scaled(value, 1000, THOUSANDS, "")} ops/s`;
    case "short":
      return scaled(value, 1000, THOUSANDS, "");
    default:
      throw new Error(`unit ${unit}: expected one of the dashboard's`);
  }
}

function formatSeconds(value: number): string {
  if (value === 0) return "0 s";
  if (value < 1e-3) return `${rounded(value * 1e6)} µs`;
  if (value < 1) return `${rounded(value * 1e3)} ms`;
  if (value < SECONDS_PER.min) return `${rounded(value)} s`;
  if (value < SECONDS_PER.hour) return `${rounded(value / SECONDS_PER.min)} min`;
  if (value < SECONDS_PER.day) return `${rounded(value / SECONDS_PER.hour)} hour`;
  return `${rounded(value / SECONDS_PER.day)} day`;
}

function scaled(value: number, base: number, names: readonly string[], between: string): string {
  let left = value;
  let index = 0;
  while (left >= base && index < names.length - 1) {
    left /= base;
    index++;
  }
  return `${rounded(left)}${between}${names[index]}`;
}

/** Three significant digits. */
const rounded = (value: number): string => String(Number(value.toPrecision(3)));

/** Where the lines of an axis from 0 to `highest` are; the last is not below it. */
export function axisMarks(unit: string, highest: number): number[] {
  const step = stepOf(unit, highest > 0 ? highest / 4 : 1);
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** The least round number that is not below `least`. */
function stepOf(unit: string, least: number): number {
  const base = unit === "bytes" ? 1024 : unit === "s" && least > 30 ? 60 : 1000;
  const scale = base ** Math.floor(Math.log(least) / Math.log(base) + 1e-9);
  const steps = base === 60 ? [1, 2, 5, 10, 15, 30] : [1, 2, 5, 10, 20, 50, 100, 200, 500];
  return scale * (steps.find((step) => step * scale >= least * (1 - 1e-9)) ?? base);
}
