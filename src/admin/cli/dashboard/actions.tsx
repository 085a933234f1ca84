import type { AdminAction } from "./admin-feed.ts";
import { Panel, type Size, Table } from "./parts.tsx";
import { clock, errorName } from "./words.ts";

export function Actions({ actions, size }: { actions: readonly AdminAction[]; size: Size }) {
  return (
    <Panel title="What operators changed lately" width={size.width}>
      <Table
        columns={[
          { head: "time", width: 8 },
          { head: "by", width: 12 },
          { head: "answer", width: 22 },
          { head: "action", width: size.width - 47 },
        ]}
        rows={actions.slice(0, size.height - 2).map(({ timestamp, by, action, code }, i) => ({
          key: `${timestamp} ${i}`,
          cells: [clock(timestamp), by, code === 0 ? "done" : `${code} ${errorName(code)}`, action],
          colours: [undefined, undefined, code === 0 ? "green" : "red"],
        }))}
        empty="nothing since the exchange was started"
      />
    </Panel>
  );
}
