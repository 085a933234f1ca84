import { Box, Text } from "ink";
import { Panel } from "./parts.tsx";

const KEYS = [
  ["1 … 5, ← →, Tab", "choose a view"],
  ["↑ ↓ PgUp PgDn Home End", "choose a symbol; its ladder and tape are in Book"],
  ["/", "search: ticker, name, team, position; Enter: the first"],
  ["Enter", "in Market: the chosen symbol's book"],
  ["Esc", "ends a search"],
  ["?", "this page"],
  ["q, Ctrl-C", "quit"],
] as const;

export function Help({ width }: { width: number }) {
  return (
    <Panel title="Keys" width={width}>
      {KEYS.map(([key, meaning]) => (
        <Text key={key} wrap="truncate">
          {" "}
          <Text bold>{key.padEnd(24)}</Text>
          {meaning}
        </Text>
      ))}
      <Text> </Text>
      <Box paddingLeft={1}>
        <Text dimColor wrap="wrap">
          Latencies and tick sizes are of the last ten seconds, rates of the last three, charts of
          up to two minutes.
        </Text>
      </Box>
    </Panel>
  );
}
