/** Draws a dashboard as one SVG, its panels where Grafana would put them. */
import type { Dashboard, Panel, Series } from "./dashboard.ts";
import { axisMarks, formatValue } from "./units.ts";

/** Seconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const COLUMNS = 24;
const ROW_PX = 30;
const GAP_PX = 8;
const TITLE_PX = 40;
const LEFT_PX = 84;
const RIGHT_PX = 14;
const TOP_PX = 34;
const TIMES_PX = 20;
const LEGEND_LINE_PX = 17;
const LETTER_PX = 6.4;
const TIME_MARKS = 5;
const COLOURS = [
  ...["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#96d98d"],
  ...["#ffa6b0", "#fade2a", "#ca95e5", "#ffcb7d", "#37872d", "#1f60c4", "#c4162a", "#8f3bb8"],
];

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** `series`: by panel. */
export function drawDashboard(
  { title, panels }: Dashboard,
  series: ReadonlyMap<Panel, readonly Series[]>,
  span: Span,
  width: number,
): Picture {
  const rows = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const height = TITLE_PX + rows * (ROW_PX + GAP_PX) + GAP_PX;
  const column = (width - GAP_PX) / COLUMNS;
  const drawn = panels.map((panel) => {
    const { x, y, w, h } = panel.gridPos;
    const left = GAP_PX + x * column;
    const top = TITLE_PX + y * (ROW_PX + GAP_PX);
    const size = { width: w * column - GAP_PX, height: h * (ROW_PX + GAP_PX) - GAP_PX };
    const inside = drawPanel(panel, series.get(panel) ?? [], span, size);
    return `<g transform="translate(${px(left)} ${px(top)})">${inside}</g>`;
  });
  const heading = text(GAP_PX * 2, 26, title, 'class="heading"');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<style>
  text { font: 11px "DejaVu Sans", sans-serif; fill: #ccccdc; }
  .title { font-size: 13px; font-weight: bold; }
  .heading { font-size: 16px; font-weight: bold; }
  .faint { fill: #8e8e9a; }
  polyline { fill: none; stroke-width: 1.4; stroke-linejoin: round; }
</style>
<rect width="100%" height="100%" fill="#111217"/>
${heading}
${drawn.join("\n")}
</svg>`;
  return { svg, width, height };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function drawPanel(panel: Panel, series: readonly Series[], span: Span, size: Size): string {
  const frame =
    `<rect width="${px(size.width)}" height="${px(size.height)}" rx="3" fill="#181b1f" stroke="#2c3235"/>` +
    text(12, 21, panel.title, 'class="title"');
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const highest = Math.max(...values.filter(Number.isFinite));
  if (highest === -Infinity) {
    const middle = 'text-anchor="middle" class="faint"';
    return frame + text(size.width / 2, size.height / 2, "No data", middle);
  }
  const { unit } = panel.fieldConfig.defaults;
  const legend = placeLegend(series, size.width - LEFT_PX);
  const bottom = size.height - TIMES_PX - legend.height - GAP_PX;
  const marks = axisMarks(unit, highest);
  const top = marks.at(-1) ?? 1;
  const plot: Plot = {
    x: (time) =>
      LEFT_PX + ((time - span.from) / (span.to - span.from)) * (size.width - LEFT_PX - RIGHT_PX),
    y: (value) => bottom - (value / top) * (bottom - TOP_PX),
  };
  const lines = series.map(({ points }, index) => drawLine(points, plot, colour(index)));
  return [
    frame,
    ...marks.map((mark) => drawMark(plot, mark, formatValue(unit, mark), size.width)),
    ...drawTimes(plot, span, bottom + 14),
    ...lines,
    `<g transform="translate(${LEFT_PX} ${px(bottom + TIMES_PX + GAP_PX)})">${legend.svg}</g>`,
  ].join("\n");
}

interface Plot {
  x(time: number): number;
  y(value: number): number;
}

function drawMark({ y }: Plot, mark: number, label: string, width: number): string {
  const at = px(y(mark));
  return (
    `<path d="M${LEFT_PX} ${at}H${px(width - RIGHT_PX)}" stroke="#2c3235"/>` +
    text(LEFT_PX - 6, y(mark) + 4, label, 'text-anchor="end" class="faint"')
  );
}

function drawTimes({ x }: Plot, { from, to }: Span, y: number): string[] {
  return Array.from({ length: TIME_MARKS }, (_, index) => {
    const time = from + ((to - from) * (index + 0.5)) / TIME_MARKS;
    const label = new Date(time * 1000).toISOString().slice(11, 19);
    return text(x(time), y, label, 'text-anchor="middle" class="faint"');
  });
}

/** A line that stops where there is no number. */
function drawLine(points: Series["points"], { x, y }: Plot, stroke: string): string {
  const parts: string[][] = [[]];
  for (const [time, value] of points) {
    if (Number.isFinite(value)) parts.at(-1)?.push(`${px(x(time))},${px(y(value))}`);
    else parts.push([]);
  }
  return parts
    .filter((part) => part.length > 0)
    .map((part) => `<polyline points="${part.join(" ")}" stroke="${stroke}"/>`)
    .join("");
}

function placeLegend(series: readonly Series[], width: number): { svg: string; height: number } {
  let left = 0;
  let line = 0;
  const placed = series.map(({ name }, index) => {
    const wide = 24 + name.length * LETTER_PX;
    if (left > 0 && left + wide > width) {
      left = 0;
      line++;
    }
    const y = (line + 1) * LEGEND_LINE_PX - 5;
    const item =
      `<path d="M${px(left)} ${y - 4}h12" stroke="${colour(index)}" stroke-width="3"/>` +
      text(left + 16, y, name, "");
    left += wide + 6;
    return item;
  });
  return { svg: placed.join(""), height: (line + 1) * LEGEND_LINE_PX };
}

const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? "";

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${px(x)}" y="${px(y)}" ${attributes}>${Bun.escapeHTML(content)}</text>`;
}

const px = (value: number): string => value.toFixed(1);
