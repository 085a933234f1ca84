/** How a start gets on that has much to recover: a line in the log each second, and one on the terminal. */
import type { Log } from "./lib/log.ts";
import type { RecoveryProgress } from "./persistence/backend.ts";

const LINE_INTERVAL_MS = 1000;

/** `flush`: nothing else runs while the exchange recovers, so each line has to be written at once. */
export function showRecovery(log: Log, flush: () => void): (progress: RecoveryProgress) => void {
  let shownAt = performance.now();
  return ({ segment, segments, bytesRead, bytesTotal, commands }) => {
    const isLast = segment === segments;
    const now = performance.now();
    if (now - shownAt < LINE_INTERVAL_MS && !isLast) return;
    shownAt = now;
    const percent = bytesTotal === 0 ? 100 : Math.floor((bytesRead / bytesTotal) * 100);
    log.info({ percent, segment, segments, commands }, "recovering");
    flush();
    if (!process.stderr.isTTY) return;
    const text = `Recovering: ${percent} %, segment ${segment} of ${segments}, ${commands} commands`;
    process.stderr.write(`\r${text}${isLast ? "\n" : ""}`);
  };
}
