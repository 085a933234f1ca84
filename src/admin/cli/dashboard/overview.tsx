import { Box, Text } from "ink";
import { Market } from "./market.tsx";
import { Fact, Panel, type Size, Table } from "./parts.tsx";
import type { Readings } from "./readings.ts";
import type { MarketRow } from "./screen-state.ts";
import { bar, bytes, errorName, NONE, percent, rate, seconds, sparkline, whole } from "./words.ts";

const RATES = [
  ["orders", "waiver_orders_total"],
  ["commands", "waiver_commands_total"],
  ["trades", "waiver_trades_total"],
  ["ticks", "waiver_ticks_total"],
  ["requests", "waiver_requests_total"],
  ["pushes", "waiver_pushes_total"],
] as const;

const NAME_WIDTH = 10;
const RATE_WIDTH = 9;

/** Rows of the left column. On a high terminal the market is shown below it. */
const COLUMN_ROWS = 17;
const MARKET_ROWS_MIN = 6;
/** Rows of the right column without the rejects. */
const FIXED_ROWS = 7;

interface OverviewProps {
  readings: Readings;
  rows: readonly MarketRow[];
  chosen: string | null;
  size: Size;
}

export function Overview({ readings, rows, chosen, size }: OverviewProps) {
  const left = Math.floor((size.width - 1) / 2);
  const right = size.width - 1 - left;
  const hasMarket = size.height - COLUMN_ROWS >= MARKET_ROWS_MIN;
  const height = hasMarket ? COLUMN_ROWS : size.height;
  return (
    <Box flexDirection="column">
      <Box gap={1} height={height} overflow="hidden">
        <Box flexDirection="column" width={left}>
          <Throughput readings={readings} width={left} />
          <Depths readings={readings} width={left} />
        </Box>
        <Box flexDirection="column" width={right}>
          <Latency readings={readings} width={right} />
          <TickSize readings={readings} width={right} />
          <Rejects readings={readings} width={right} rows={Math.max(1, height - FIXED_ROWS)} />
        </Box>
      </Box>
      {hasMarket && (
        <Market {...{ rows, chosen, size: { ...size, height: size.height - height } }} />
      )}
    </Box>
  );
}

interface PanelProps {
  readings: Readings;
  width: number;
}

function Throughput({ readings, width }: PanelProps) {
  const chart = Math.max(0, width - NAME_WIDTH - RATE_WIDTH - 3);
  return (
    <Panel title="Throughput, per second" width={width}>
      {RATES.map(([name, metric]) => (
        <Text key={name} wrap="truncate">
          {" "}
          <Text dimColor>{name.padEnd(NAME_WIDTH)}</Text>
          {rate(readings.rate(metric)).padStart(RATE_WIDTH)}{" "}
          <Text color="cyan">{sparkline(readings.rates(metric, chart), chart)}</Text>
        </Text>
      ))}
    </Panel>
  );
}

const SHARES = [0.5, 0.95, 0.99] as const;

const STAGES = [
  ["durable", "waiver_tick_durable_seconds"],
  ["whole tick", "waiver_tick_seconds"],
] as const;

function Latency({ readings, width }: PanelProps) {
  const cell = Math.max(7, Math.floor((width - 13) / 3) - 1);
  return (
    <Panel title="Latency, 10 s" width={width}>
      <Table
        columns={[
          { head: "", width: 10 },
          ...SHARES.map((share) => ({
            head: `p${share * 100}`,
            width: cell,
            side: "right" as const,
          })),
        ]}
        rows={STAGES.map(([name, metric]) => ({
          key: name,
          cells: [name, ...SHARES.map((share) => seconds(readings.quantile(share, metric)))],
        }))}
        empty=""
      />
    </Panel>
  );
}

function TickSize({ readings, width }: PanelProps) {
  const commands = readings.rate("waiver_tick_commands_sum");
  const ticks = readings.rate("waiver_tick_commands_count");
  const mean = commands === null || !ticks ? null : commands / ticks;
  const [p50, p99] = [0.5, 0.99].map((share) => readings.quantile(share, "waiver_tick_commands"));
  return (
    <Fact
      name="tick size: mean, p50, p99"
      value={`${mean === null ? NONE : mean.toFixed(1)}, ${whole(p50)}, ${whole(p99)}`}
      width={width}
    />
  );
}

function Depths({ readings: { latest }, width }: PanelProps) {
  const ring = latest.value("waiver_ring_commands");
  const capacity = latest.value("waiver_ring_capacity");
  const share = (ring ?? 0) / (capacity ?? 1);
  const connections = latest.by("waiver_connections", "endpoint");
  return (
    <Panel title="Depths and connections" width={width}>
      <Fact
        name={`ring ${bar(share, 8)} ${percent(share)}`}
        value={`${whole(ring)} of ${whole(capacity)}`}
        width={width}
      />
      <Fact
        name="not read by clients"
        value={bytes(latest.value("waiver_unread_bytes"))}
        width={width}
      />
      <Fact
        name="half-read messages"
        value={bytes(latest.value("waiver_half_read_bytes"))}
        width={width}
      />
      {connections.map(([endpoint, count]) => (
        <Fact key={endpoint} name={`/${endpoint}`} value={whole(count)} width={width} />
      ))}
      <Fact name="HTTP" value={whole(latest.value("waiver_http_connections"))} width={width} />
      <Fact
        name="ended: slow, flood, gone"
        value={["slow_consumer", "beyond_limit", "gone"]
          .map((reason) => whole(latest.value("waiver_disconnects_total", { reason })))
          .join(", ")}
        width={width}
      />
    </Panel>
  );
}

function Rejects({ readings, width, rows }: PanelProps & { rows: number }) {
  const all = readings.latest.by("waiver_errors_total", "code");
  const codes = all.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const nameWidth = Math.max(8, width - 6 - 18);
  return (
    <Panel title="Rejects by code" width={width}>
      <Table
        columns={[
          { head: "code", width: 5 },
          { head: "name", width: nameWidth },
          { head: "a second", width: 8, side: "right" },
          { head: "all", width: 7, side: "right" },
        ]}
        rows={codes.slice(0, rows).map(([code, count]) => ({
          key: code,
          cells: [
            code,
            errorName(Number(code)),
            rate(readings.rate("waiver_errors_total", { code })),
            whole(count),
          ],
        }))}
        empty="none since the start"
      />
    </Panel>
  );
}
