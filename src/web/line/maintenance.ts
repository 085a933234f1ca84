/** What the exchange has said of its closing: windows of maintenance, and its own end. */

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

/** By id, also those that are over. */
const windows = signal<ReadonlyMap<string, Window>>(new Map());
/** What notices have said since the list was asked for: it is newer than the answer. */
let told = new Map<string, Window>();
const isShuttingDown = signal(false);

/** What to show of it; null: nothing is ahead. */
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
  // What was said while nobody listened, also that it is over.
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
    // It is told on the line when it is near.
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
