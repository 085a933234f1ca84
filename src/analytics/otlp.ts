/** Traces as OpenTelemetry's spans, sent over OTLP/HTTP. Loaded only where tracing is configured. */
import { ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";
import { findHost } from "../lib/find-host.ts";
import { accountName } from "../protocol/names.ts";
import type { OrderTrace } from "./order-traces.ts";
import type { SendTraces } from "./trace-export.ts";

/** A batch that takes longer is dropped. */
const TIMEOUT_MS = 5000;

/** The stages after decoding, and the moment at which each ends. */
const STAGES = [
  ["queue", "begun"],
  ["journal", "written"],
  ["wait", "waited"],
  ["match", "matched"],
  ["flush", "durable"],
  ["tell", "answered"],
] as const;

/** `url`: where the collector takes traces, such as http://127.0.0.1:4318/v1/traces. */
export function otlpSender(url: string, timeoutMs = TIMEOUT_MS): SendTraces {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: timeoutMs });
  const ended: ReadableSpan[] = [];
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "waiver-exchange" }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      {
        onStart: () => undefined,
        onEnd: (span) => void ended.push(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  const tracer = provider.getTracer("waiver-exchange");
  return async (traces) => {
    await findHost(url, AbortSignal.timeout(timeoutMs));
    // The stages are measured by a clock without a date: this is what turns its times into milliseconds since 1970.
    const offset = Date.now() - performance.now();
    for (const order of traces) addSpans(order, offset);
    await new Promise<void>((resolve, reject) => {
      exporter.export(ended.splice(0), ({ code, error }) => {
        if (code === 0) resolve();
        else reject(error ?? new Error("the collector refused the traces"));
      });
    });
  };

  function addSpans(order: OrderTrace, offset: number): void {
    const { tick, sequence, commands, account, code } = order;
    const attributes = {
      "waiver.account": accountName(account),
      "waiver.sequence": sequence,
      "waiver.tick": tick,
      "waiver.tick_commands": commands,
      "waiver.code": code,
    };
    const span = (name: string, start: number, parent?: Span): Span => {
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
      const startTime = offset + start;
      return tracer.startSpan(name, { startTime, ...(parent ? {} : { attributes }) }, context);
    };
    const root = span("order", order.frame);
    span("decode", order.frame, root).end(offset + order.decoded);
    let from = order.decoded;
    for (const [name, end] of STAGES) {
      span(name, from, root).end(offset + order[end]);
      from = order[end];
    }
    root.end(offset + order.answered);
  }
}
