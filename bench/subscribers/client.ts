/** A process of subscribers that count frames; see `SubscriberPlan`. If one fails, it prints the error and exits. */
import { messageFrame } from "../load/client-frames.ts";
import { FrameSocket } from "../load/frame-socket.ts";
import { jsonLines } from "../load/json-lines.ts";
import { FrameCounter } from "./frame-counter.ts";
import type { SubscriberCount, SubscriberPlan } from "./plan.ts";

/** How many connections are opened at the same time. */
const OPENING_MAX = 50;
/** The time between two reads. It is long, so that one read gets several frames, which costs less. */
const READ_EVERY_MS = 200;

const counter = new FrameCounter();
let isOpen = false;

for await (const line of jsonLines(Bun.stdin.stream())) {
  if (!isOpen) await open(line as unknown as SubscriberPlan);
  isOpen = true;
  counter.read();
  console.log(JSON.stringify(count()));
}
process.exit(0);

async function open(plan: SubscriberPlan): Promise<void> {
  let next = 0;
  const openSome = async (): Promise<void> => {
    while (next < plan.connections) await openOne(plan, symbolsOf(plan, next++));
  };
  await Promise.all(Array.from({ length: OPENING_MAX }, openSome));
  setInterval(() => counter.read(), READ_EVERY_MS);
}

function symbolsOf({ some }: SubscriberPlan, n: number): string[] {
  if (some === undefined) return ["*"];
  const { symbols, each } = some;
  const step = Math.ceil(symbols.length / each);
  return Array.from({ length: each }, (_, k) => symbols[(n + k * step) % symbols.length]);
}

/** Resolves when the subscription is answered. */
async function openOne(
  { port, encoding, channel }: SubscriberPlan,
  symbols: readonly string[],
): Promise<void> {
  const answered = Promise.withResolvers<void>();
  const socket = await FrameSocket.open({
    hostname: "127.0.0.1",
    port,
    path: "/market-data",
    encoding,
    onFrame: () => answered.resolve(),
    onFault: fail,
  });
  if (channel !== null) {
    const params = { channels: [channel], symbols };
    socket.send(messageFrame({ id: 1, method: "subscribe", params }, encoding));
    await answered.promise;
  }
  counter.add({ ...socket.handOver(), onPing: (payload) => socket.pong(payload) });
}

function count(): SubscriberCount {
  const { user, system } = process.cpuUsage();
  const nowNs = Bun.nanoseconds();
  const { frames, bytes } = counter;
  return { nowNs, frames, bytes, cpuSeconds: (user + system) / 1e6 };
}

function fail(error: Error): void {
  console.error(error);
  process.exit(1);
}
