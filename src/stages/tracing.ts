/** Tracing, where it is configured: orders are followed and their traces sent to a collector. */
import { OrderTraces } from "../analytics/order-traces.ts";
import { TraceExport } from "../analytics/trace-export.ts";
import type { Common } from "./common.ts";

export interface Tracing {
  orders: OrderTraces;
  close(): Promise<void>;
}

/** Null when tracing is off: then it costs nothing, because OpenTelemetry is loaded only here. */
export async function openTracing({ config, log, metrics }: Common): Promise<Tracing | null> {
  const { otlpUrl, sampleRatio } = config.tracing;
  if (otlpUrl === null || sampleRatio === 0) return null;
  const { otlpSender } = await import("../analytics/otlp.ts");
  const exporter = new TraceExport(otlpSender(otlpUrl), log);
  metrics.counter(
    "waiver_traces_total",
    "Traces that a collector has taken",
    () => exporter.exported,
  );
  metrics.counter(
    "waiver_traces_dropped_total",
    "Traces that found no room or did not arrive",
    () => exporter.dropped,
  );
  exporter.start();
  return { orders: new OrderTraces(sampleRatio, exporter.add), close: () => exporter.close() };
}
