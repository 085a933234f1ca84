/** Computes the victim's figures of a period. */
import { quantile } from "../figures.ts";
import type { LoopFigures } from "./loop-figures.ts";
import type { EchoSample, VictimSample } from "./plan.ts";

export interface VictimFigures {
  /** Orders that were planned. */
  orders: number;
  /** Latencies are in milliseconds. */
  p50: number;
  p99: number;
  max: number;
  /** The p99 without the times in which the threads of the server or the victim waited for a processor. */
  servedP99: number;
  /** The p99 of the bare echo at the same time. It shows how slow the machine was. */
  echoP99: number;
  /** Orders that were not answered. */
  unanswered: number;
  /** Orders that were refused, by code. */
  refused: Record<string, number>;
  /** How busy the server's thread was. */
  loop: LoopFigures;
}

/**
 * Figures of the orders that were planned from `from` to `to` (milliseconds since 1970), one every `intervalMs`. The
 * latency of an order without an answer counts until `now`.
 */
export function victimFigures(
  samples: readonly VictimSample[],
  from: number,
  to: number,
  intervalMs: number,
  now: number,
  echoes: readonly EchoSample[] = [],
): Omit<VictimFigures, "loop"> {
  const inside = samples.filter(({ plannedAt }) => plannedAt >= from && plannedAt < to);
  const orders = Math.max(inside.length, Math.floor((to - from) / intervalMs), 1);
  const unanswered = orders - inside.length;
  const latencies = inside.map(({ latencyMs }) => latencyMs);
  const served = inside.map(({ latencyMs, waitedMs }) => Math.max(0, latencyMs - waitedMs));
  // The server answers in order, so the orders without an answer are the last ones.
  for (let n = 0; n < unanswered; n++) latencies.push(now - to + (n + 1) * intervalMs);
  served.push(...latencies.slice(inside.length));
  const echoed = echoes
    .filter(({ plannedAt }) => plannedAt >= from && plannedAt < to)
    .map(({ latencyMs }) => latencyMs);
  const refused: Record<string, number> = {};
  for (const { answer } of inside) {
    if (answer !== "ok") refused[answer] = (refused[answer] ?? 0) + 1;
  }
  return {
    orders,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    max: quantile(latencies, 1),
    servedP99: quantile(served, 0.99),
    echoP99: echoed.length === 0 ? 0 : quantile(echoed, 0.99),
    unanswered,
    refused,
  };
}
