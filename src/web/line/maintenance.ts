/** What the exchange has announced: windows of maintenance, and its shutdown. */

import { computed, signal } from "@preact/signals";
import { answered } from "@waiver/client";
import { market } from "../lib/exchange.ts";
import { moment } from "../lib/moment.ts";
import { ask } from "../lib/rest.ts";

interface Window {
  readonly phase?: string;
  readonly starts_at?: number;
  readonly ends_at?: number;
  readonly message?: string;
}

/** Windows by id, also those that are over. */
const windows = signal<ReadonlyMap<string, Window>>(new Map());
/** Windows of which notices came since the list was asked for. They are newer than the answer. */
let told = new Map<string, Window>();
const isShuttingDown = signal(false);

/** The text to show; null when nothing is ahead. */
export const closing = computed<string | null>(() => {
  if (isShuttingDown.value) return "The exchange is shutting down, and will be back";
  const ahead = [...windows.value.values()].filter(({ phase }) => phase !== "over");
  const [next] = ahead.sort((a, b) => (a.starts_at ?? 0) - (b.starts_at ?? 0));
  return next === undefined ? null : maintenanceText(next);
});

export function watchMaintenance(): void {
  const status = market.stream("status");
  status.on(({ event, window, ...said }) => {
    if (event === "shutdown") isShuttingDown.value = true;
    if (event !== "maintenance" || window === undefined) return;
    told.set(window, said);
    windows.value = new Map(windows.value).set(window, said);
  });
  // Reads what was announced while the line was lost, also that a window is over.
  status.onBegin(() => {
    isShuttingDown.value = false;
    void readWindows();
  });
}

async function readWindows(): Promise<void> {
  const since = new Map<string, Window>();
  told = since;
  const isWanted = (): boolean => told === since;
  try {
    const list = await answered(
      () => ask<{ maintenance: (Window & { id: string })[] }>("GET", "/maintenance"),
      isWanted,
    );
    if (!isWanted()) return;
    windows.value = new Map([
      ...list.maintenance.map(({ id, ...window }) => [id, window] as const),
      ...since,
    ]);
  } catch {
    // A notice comes when a window is near.
  }
}

function maintenanceText({ phase, starts_at, ends_at, message }: Window): string | null {
  const why = message === undefined ? "" : `: ${message}`;
  const at = (time: number | undefined): string =>
    time === undefined ? "soon" : moment.format(time);
  switch (phase) {
    case "scheduled":
      return `Maintenance from ${at(starts_at)} to ${at(ends_at)}${why}`;
    case "cancel_only":
      return `Orders can only be cancelled: maintenance begins ${at(starts_at)}${why}`;
    case "closed":
      return `Closed for maintenance until ${at(ends_at)}${why}`;
    case "reopening":
      return "Reopening after maintenance";
    default:
      return null;
  }
}
