import { expect, test } from "bun:test";
import type { OrderTrace } from "../../src/analytics/order-traces.ts";
import { otlpSender } from "../../src/analytics/otlp.ts";
import { BATCH_MAX, QUEUE_MAX, TraceExport } from "../../src/analytics/trace-export.ts";

const TRACE: OrderTrace = {
  ...{ frame: 1, decoded: 2, begun: 3, written: 4, waited: 4, matched: 5, durable: 6, answered: 7 },
  ...{ account: 9, tick: 10, sequence: 11, commands: 12, code: 0 },
};

function open(send: (traces: readonly OrderTrace[]) => Promise<void>) {
  const lines: string[] = [];
  const note = (_: object, message: string) => void lines.push(message);
  return { lines, traces: new TraceExport(send, { info: note, warn: note, error: note }) };
}

test("a collector that hangs holds up nothing: what has no room is dropped and counted", async () => {
  const answer = Promise.withResolvers<void>();
  const batches: number[] = [];
  const { traces, lines } = open((batch) => {
    batches.push(batch.length);
    return answer.promise;
  });
  const add = (count: number) => {
    for (let n = 0; n < count; n++) traces.add(TRACE);
  };
  add(1);
  const sent = traces.flush();
  add(QUEUE_MAX + 100);
  void traces.flush();
  expect([batches, traces.exported, traces.dropped]).toEqual([[1], 0, 100]);
  answer.resolve();
  await sent;
  expect(batches).toEqual([1, ...Array(QUEUE_MAX / BATCH_MAX).fill(BATCH_MAX)]);
  expect([traces.exported, traces.dropped, lines]).toEqual([QUEUE_MAX + 1, 100, []]);
});

test("what does not arrive is dropped, told of once, and once when they arrive again", async () => {
  let isDead = true;
  const { traces, lines } = open(() =>
    isDead ? Promise.reject(new Error("gone")) : Promise.resolve(),
  );
  for (let n = 0; n < 3; n++) {
    traces.add(TRACE);
    await traces.flush();
  }
  isDead = false;
  traces.add(TRACE);
  await traces.flush();
  expect([traces.dropped, traces.exported]).toEqual([3, 1]);
  expect(lines).toEqual(["traces do not arrive", "traces arrive again"]);
});

test("over real sockets: nobody there, one that refuses, and one that never answers", async () => {
  await expect(otlpSender("http://127.0.0.1:9/v1/traces", 100)([TRACE])).rejects.toThrow();
  using refusing = Bun.serve({ port: 0, fetch: () => new Response("no", { status: 400 }) });
  await expect(otlpSender(`http://127.0.0.1:${refusing.port}/`, 1000)([TRACE])).rejects.toThrow();
  using hanging = Bun.serve({ port: 0, fetch: () => new Promise<Response>(() => {}) });
  await expect(otlpSender(`http://127.0.0.1:${hanging.port}/`, 100)([TRACE])).rejects.toThrow();
});
