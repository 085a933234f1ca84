/** How a start gets on that has much to recover: a line in the log each second, and one for people beside it. */
import { elapsed } from "./lib/elapsed.ts";
import type { Log } from "./lib/log.ts";
import type { RecoveryProgress } from "./persistence/backend.ts";

const LINE_INTERVAL_MS = 1000;

/** `notes`: a terminal that does not show the log; null: there is none. */
export function showRecovery(
  log: Log,
  notes: { write(text: string): void } | null,
): (progress: RecoveryProgress) => void {
  let shownAt = elapsed();
  return ({ segment, segments, bytesRead, bytesTotal, commands }) => {
    const isLast = segment === segments;
    const now = elapsed();
    if (now - shownAt < LINE_INTERVAL_MS && !isLast) return;
    shownAt = now;
    const percent = bytesTotal === 0 ? 100 : Math.floor((bytesRead / bytesTotal) * 100);
    log.info({ percent, segment, segments, commands }, "recovering");
    if (notes === null) return;
    const text = `Recovering: ${percent} %, segment ${segment} of ${segments}, ${commands} commands`;
    notes.write(`\r${text}${isLast ? "\n" : ""}`);
  };
}
