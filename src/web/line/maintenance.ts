/** What the exchange has said of its closing: windows of maintenance, and its own end. */
import { signal } from "@preact/signals";
import { market, onMarketLive } from "../lib/exchange.ts";
import { moment } from "../lib/moment.ts";
import { ask } from "../lib/rest.ts";

/** What to show of it; null: nothing is ahead. */
export const closing = signal<string | null>(null);

interface Notice {
  readonly event?: string;
  readonly phase?: string;
  readonly starts_at?: number;
  readonly ends_at?: number;
  readonly message?: string;
}

export function watchMaintenance(): void {
  market.stream("status").on((status) => hear(status));
  // What was said while nobody listened, also that it is over.
  onMarketLive(() => void readWindows());
}

async function readWindows(): Promise<void> {
  try {
    const { maintenance } = await ask<{ maintenance: Notice[] }>("GET", "/maintenance");
    const next = maintenance.find(({ phase }) => phase !== "over");
    closing.value = next === undefined ? null : maintenanceText(next);
  } catch {
    // It is told on the line when it is near.
  }
}

const SHUTDOWN = "The exchange is shutting down, and will be back";

function hear(notice: Notice): void {
  if (notice.event === "shutdown") closing.value = SHUTDOWN;
  else if (notice.event === "maintenance") closing.value = maintenanceText(notice);
}

function maintenanceText({ phase, starts_at, ends_at, message }: Notice): string | null {
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
