/** How a start gets on that has much to recover: a line in the log each second, and one on the terminal. */
import { elapsed } from "./lib/elapsed.ts";
import type { Log } from "./lib/log.ts";
import type { RecoveryProgress } from "./persistence/backend.ts";

const LINE_INTERVAL_MS = 1000;

export function showRecovery(log: Log): (progress: RecoveryProgress) => void {
  let shownAt = elapsed();
  return ({ segment, segments, bytesRead, bytesTotal, commands }) => {
    const isLast = segment === segments;
    const now = elapsed();
    if (now - shownAt < LINE_INTERVAL_MS && !isLast) return;
    shownAt = now;
    const percent = bytesTotal === 0 ? 100 : Math.floor((bytesRead / bytesTotal) * 100);
    log.info({ percent, segment, segments, commands }, "recovering");
    if (!process.stderr.isTTY) return;
    const text = `Recovering: ${percent} %, segment ${segment} of ${segments}, ${commands} commands`;
    process.stderr.write(`\r${text}${isLast ? "\n" : ""}`);
  };
}
