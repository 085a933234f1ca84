/** Orders of a real exchange as spans at a collector: a stand-in that takes OTLP over HTTP as JSON. */
import { expect, test } from "bun:test";
import { openRealExchange } from "../gateway/real-exchange.ts";
import { restClient } from "../gateway/rest/rest-client.ts";
import { eventually } from "../lib/eventually.ts";
import { metricOf } from "./metric.ts";

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: Record<string, unknown> }[];
}

interface Export {
  readonly resourceSpans: readonly { scopeSpans: readonly { spans: readonly Span[] }[] }[];
}

/** Keeps the spans that come. */
function startCollector() {
  const spans: Span[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { resourceSpans } = (await request.json()) as Export;
      const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
      spans.push(...scopes.flatMap((scope) => scope.spans));
      resolve();
      return Response.json({});
    },
  });
  const url = `http://127.0.0.1:${server.port}/v1/traces`;
  return { spans, url, heard: promise, [Symbol.asyncDispose]: () => server.stop(true) };
}

const env = (url: string) => ({
  WAIVER_TRACING__OTLP_URL: url,
  WAIVER_TRACING__SAMPLE_RATIO: "1",
});

const orderOf = (symbol: string | undefined) => ({
  ...{ symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 },
});

const metric = (url: string, name: string): Promise<number> => metricOf(`http://${url}`, name);

test("an order is followed from its frame to its acknowledgement, without a gap", async () => {
  await using collector = startCollector();
  await using exchange = await openRealExchange(env(collector.url));
  const user = await exchange.createUser();
  const [symbol] = exchange.exchange.symbols();
  const orders = await exchange.connectAs(user);
  const { result } = (await orders.ask("order.place", orderOf(symbol))) as {
    result: { tick: number };
  };
  await collector.heard;

  const root = collector.spans.find(({ parentSpanId }) => !parentSpanId) as Span;
  const attributes: Record<string, unknown> = Object.fromEntries(
    root.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  expect(root.name).toBe("order");
  expect(attributes).toEqual({
    "waiver.account": user.account_id,
    "waiver.sequence": expect.any(Number),
    "waiver.tick": result.tick,
    "waiver.tick_commands": 1,
    "waiver.code": 0,
  });
  const stages = collector.spans
    .filter(({ parentSpanId }) => parentSpanId === root.spanId)
    .toSorted((a, b) => Number(BigInt(a.endTimeUnixNano) - BigInt(b.endTimeUnixNano)));
  expect(stages.map(({ name }) => name)).toEqual([
    ...["decode", "queue", "journal", "wait", "match", "flush", "tell"],
  ]);
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
  const starts = stages.map(({ startTimeUnixNano }) => startTimeUnixNano);
  const ends = stages.map(({ endTimeUnixNano }) => endTimeUnixNano);
  expect(starts[0]).toBe(root.startTimeUnixNano);
  expect(starts.slice(1)).toEqual(ends.slice(0, -1));
  expect(ends.at(-1)).toBe(root.endTimeUnixNano);
  await eventually(async () => (await metric(exchange.url, "waiver_traces_total")) === 1);
});

test("orders over REST and batches are followed too, refused ones with their code", async () => {
  await using collector = startCollector();
  await using exchange = await openRealExchange(env(collector.url));
  const user = await exchange.createUser();
  const order = orderOf(exchange.exchange.symbols()[0]);
  const rest = restClient(exchange.url, user);
  await rest.result("POST", "/orders", { body: order });
  expect(await rest.told("DELETE", "/orders/ord_999")).toMatchObject({ status: 404 });
  expect(await rest.told("POST", "/orders", { body: {} })).toMatchObject({ status: 400 });
  await rest.result("POST", "/orders/batch", { body: { orders: [{}, order, order] } });
  const orders = await exchange.connectAs(user);
  await orders.ask("order.batch", { orders: [order, order] });
  await orders.ask("order.batch", { orders: [{}] });
  await eventually(async () => (await metric(exchange.url, "waiver_traces_total")) === 4);

  const roots = collector.spans.filter(({ parentSpanId }) => !parentSpanId);
  const value = ({ attributes }: Span, name: string): unknown =>
    Object.values(attributes.find(({ key }) => key === `waiver.${name}`)?.value ?? {})[0];
  expect(roots.map((root) => [value(root, "code"), value(root, "tick_commands")])).toEqual([
    [0, 1],
    [40004, 1],
    [0, 2],
    [0, 2],
  ]);
  for (const { spanId } of roots) {
    expect(collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId)).toHaveLength(7);
  }
});

test("a collector that is dead, or never answers, delays no order and not the end", async () => {
  using hanging = Bun.serve({ port: 0, fetch: () => new Promise<Response>(() => {}) });
  for (const url of ["http://127.0.0.1:9/v1/traces", `http://127.0.0.1:${hanging.port}/`]) {
    await using exchange = await openRealExchange(env(url));
    const orders = await exchange.connectAs(await exchange.createUser());
    const order = orderOf(exchange.exchange.symbols()[0]);
    for (let n = 0; n < 10; n++) {
      expect(await orders.ask("order.place", order)).toMatchObject({ result: {} });
    }
    expect(await metric(exchange.url, "waiver_traces_total")).toBe(0);
  }
});

test("without a collector there is nothing of it", async () => {
  await using exchange = await openRealExchange();
  expect(await metric(exchange.url, "waiver_traces_total")).toBeNaN();
});
