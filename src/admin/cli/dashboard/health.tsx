import { Box, Text } from "ink";
import { worstFirst } from "../worst-first.ts";
import type { AdminFeed, Readiness } from "./admin-feed.ts";
import { Fact, Panel, type Size, STATUS_COLOURS, Table } from "./parts.tsx";
import type { Readings } from "./readings.ts";
import { bar, bytes, clock, fit, percent, rate, whole } from "./words.ts";

export function Health({ admin, size }: { admin: AdminFeed; size: Size }) {
  const left = Math.floor((size.width - 1) / 2);
  const right = size.width - 1 - left;
  const { readings, readiness } = admin;
  return (
    <Box flexDirection="column">
      <Components readiness={readiness} width={size.width} />
      <Box gap={1}>
        <Persistence readings={readings} width={left} />
        <Tables readings={readings} width={right} />
      </Box>
    </Box>
  );
}

/** A name in which no line is broken. */
function unbroken(name: string): string {
  return fit(name, Bun.stringWidth(name)).replaceAll(" ", "\u00a0");
}

function Components({ readiness, width }: { readiness: Readiness | null; width: number }) {
  const all = worstFirst(readiness?.components ?? {});
  const [well, ill] = [
    all.filter(([, { status }]) => status === "ok"),
    all.filter(([, { status }]) => status !== "ok"),
  ];
  return (
    <Panel title="Components" width={width}>
      {ill.length > 0 && (
        <Table
          columns={[
            { head: "component", width: 14 },
            { head: "status", width: 8 },
            { head: "since", width: 8 },
            { head: "reason", width: width - 34 },
          ]}
          rows={ill.map(([name, { status, since, reason }]) => ({
            key: name,
            cells: [name, status, clock(since), reason ?? ""],
            colours: [undefined, STATUS_COLOURS[status]],
          }))}
          empty=""
        />
      )}
      <Box paddingLeft={1}>
        <Text>
          <Text dimColor>ok</Text>{" "}
          <Text color="green">{well.map(([name]) => unbroken(name)).join(", ")}</Text>
        </Text>
      </Box>
    </Panel>
  );
}

interface PanelProps {
  readings: Readings;
  width: number;
}

function Persistence({ readings, width }: PanelProps) {
  const { latest } = readings;
  const behind = latest.value("waiver_archive_behind_bytes");
  const facts: [string, string][] = [
    [
      "journal, per s",
      `${bytes(readings.rate("waiver_journal_bytes_total"))}, ${rate(readings.rate("waiver_journal_flushes_total"))} flushes`,
    ],
    [
      "segments: begun, late",
      `${whole(latest.value("waiver_journal_segments_total"))}, ${whole(latest.value("waiver_journal_segments_late_total"))}`,
    ],
    ["disk, free", bytes(latest.value("waiver_persistence_free_bytes"))],
    [
      "snapshots: taken, failed",
      `${whole(latest.value("waiver_snapshots_total"))}, ${whole(latest.value("waiver_snapshots_failed_total"))}`,
    ],
    ["last snapshot", bytes(latest.value("waiver_snapshot_bytes"))],
    ["archive", behind === undefined ? "none" : archive(readings)],
    ["memory of the process", bytes(latest.value("waiver_resident_memory_bytes"))],
    ["log lines dropped", whole(latest.value("waiver_log_lines_dropped_total"))],
  ];
  return (
    <Panel title="Persistence and process" width={width}>
      {facts.map(([name, value]) => (
        <Fact key={name} name={name} value={value} width={width} />
      ))}
    </Panel>
  );
}

function archive({ latest }: Readings): string {
  const segments = whole(latest.value("waiver_archive_behind_segments"));
  const failures = whole(latest.value("waiver_archive_failures_total"));
  const lag = bytes(latest.value("waiver_archive_behind_bytes"));
  return `${segments} behind (${lag}), ${failures} failed`;
}

function Tables({ readings: { latest }, width }: PanelProps) {
  const limits = new Map(latest.by("waiver_table_limit", "table"));
  const chart = Math.max(6, width - 37);
  return (
    <Panel title="Tables" width={width}>
      {latest.by("waiver_table_used", "table").map(([table, used]) => {
        const limit = limits.get(table) ?? 1;
        const share = used / limit;
        const colour = share > 0.9 ? "red" : share > 0.75 ? "yellow" : undefined;
        return (
          <Fact
            key={table}
            name={table.replaceAll("_", " ")}
            value={`${whole(used)} ${bar(share, chart)} ${percent(share).padStart(5)}`}
            width={width}
            {...(colour !== undefined && { colour })}
          />
        );
      })}
    </Panel>
  );
}
