/** The parts of which the views are made. Every line is cut to its width, so that nothing wraps. */
import { Box, Text } from "ink";
import type { ReactNode } from "react";
import { fit } from "./words.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Colours only repeat what a word or a sign says. */
export const STATUS_COLOURS = { ok: "green", degraded: "yellow", failed: "red" } as const;

export function Panel(props: { title: string; width: number; children: ReactNode }) {
  const { title, width, children } = props;
  const rule = "─".repeat(Math.max(0, width - title.length - 4));
  return (
    <Box flexDirection="column" width={width}>
      <Text dimColor wrap="truncate">
        {"─ "}
        <Text bold>{title}</Text> {rule}
      </Text>
      {children}
    </Box>
  );
}

/** A name at the left, and its value at the right. */
export function Fact(props: { name: string; value: string; width: number; colour?: string }) {
  const { name, value, width, colour } = props;
  const room = width - 2;
  const valueWidth = Math.min(Bun.stringWidth(value), room - 1 - Math.min(8, name.length));
  return (
    <Text wrap="truncate">
      {" "}
      <Text dimColor>{fit(name, room - 1 - valueWidth)}</Text>{" "}
      <Text {...(colour !== undefined && { color: colour })}>{fit(value, valueWidth)}</Text>
    </Text>
  );
}

export interface Column {
  readonly head: string;
  readonly width: number;
  readonly side?: "left" | "right";
}

export interface Row {
  readonly key: string;
  readonly cells: readonly string[];
  /** Colour of each column's cell; undefined = none. */
  readonly colours?: readonly (string | undefined)[];
  readonly isChosen?: boolean;
}

export function Table(props: { columns: readonly Column[]; rows: readonly Row[]; empty: string }) {
  const { columns, rows, empty } = props;
  return (
    <Box flexDirection="column">
      <Text dimColor wrap="truncate">
        {" "}
        {columns.map(({ head, width, side }) => fit(head, width, side)).join(" ")}
      </Text>
      {rows.length === 0 && <Text dimColor> {empty}</Text>}
      {rows.map((row) => (
        <Text key={row.key} wrap="truncate" inverse={row.isChosen === true}>
          {row.isChosen === true ? ">" : " "}
          {columns.map(({ head, width, side }, i) => {
            const colour = row.colours?.[i];
            return (
              <Text key={head} {...(colour !== undefined && { color: colour })}>
                {fit(row.cells[i] ?? "", width, side)}
                {i < columns.length - 1 ? " " : ""}
              </Text>
            );
          })}
        </Text>
      ))}
    </Box>
  );
}
