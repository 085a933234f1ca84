/**
 * `bun bench/compression/compression.bench.ts [--short]`: what `gateway.compression` costs and saves. Pushes of `book`
 * go to many subscribers, compressed and uncompressed in turns. The cost is the processor time of this process; the
 * subscribers run in another one (`reader.ts`).
 */
import { join } from "node:path";
import { bookPush } from "../../src/protocol/market-data.ts";
import { MessagePackWriter } from "../../src/protocol/message-pack-writer.ts";
import { readBenchOptions } from "../bench-options.ts";
import { median, rounded } from "../figures.ts";
import { jsonLines } from "../load/json-lines.ts";

const { short } = readBenchOptions();
const SUBSCRIBERS = short ? 20 : 200;
const FRAMES = short ? 50 : 500;
const ROUNDS = short ? 1 : 7;
const LEVELS = 20;
const TOPIC = "book";

const frames = bookFrames(FRAMES);
let isDrained: () => void = () => undefined;
let waiting = 0;
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null)),
  websocket: {
    data: undefined,
    perMessageDeflate: true,
    backpressureLimit: 2 ** 28,
    open: (socket) => void socket.subscribe(TOPIC),
    message: () => {
      if (--waiting === 0) isDrained();
    },
  },
});
const reader = Bun.spawn(
  [
    process.execPath,
    "--no-orphans",
    join(import.meta.dir, "reader.ts"),
    `${server.port}`,
    `${SUBSCRIBERS}`,
  ],
  { stdin: "pipe", stdout: "pipe" },
);
const lines = jsonLines(reader.stdout);
await lines.next();

const rounds: { plain: Sample; compressed: Sample }[] = [];
await sample(true);
for (let i = 0; i < ROUNDS; i++) {
  rounds.push({ plain: await sample(false), compressed: await sample(true) });
}
reader.kill();
await server.stop(true);
const ratio = (of: (sample: Sample) => number): number =>
  rounded(median(rounds.map(({ plain, compressed }) => of(compressed) / of(plain))), 3);
const figure = (of: (round: (typeof rounds)[number]) => number): number =>
  rounded(median(rounds.map(of)), 2);
console.log(
  JSON.stringify({
    bench: "compression",
    settings: { subscribers: SUBSCRIBERS, frames: FRAMES, rounds: ROUNDS, levels: LEVELS },
    cpu_ratio: ratio(({ cpuUs }) => cpuUs),
    bytes_ratio: ratio(({ bytes }) => bytes),
    us_a_delivery: {
      plain: figure(({ plain }) => plain.cpuUs),
      compressed: figure(({ compressed }) => compressed.cpuUs),
    },
    bytes_a_delivery: {
      plain: figure(({ plain }) => plain.bytes),
      compressed: figure(({ compressed }) => compressed.bytes),
    },
  }),
);

/** Figures of one delivery. */
interface Sample {
  cpuUs: number;
  bytes: number;
}

/** Publishes all frames, and waits until every subscriber has received them. */
async function sample(isCompressed: boolean): Promise<Sample> {
  const { promise, resolve } = Promise.withResolvers<void>();
  isDrained = resolve;
  waiting = SUBSCRIBERS;
  const before = process.cpuUsage();
  for (const frame of frames) {
    server.publish(TOPIC, frame, isCompressed);
    await new Promise((next) => setImmediate(next));
  }
  server.publish(TOPIC, "end", false);
  await promise;
  const { user, system } = process.cpuUsage(before);
  reader.stdin.write("count\n");
  await reader.stdin.flush();
  const { value } = await lines.next();
  const deliveries = FRAMES * SUBSCRIBERS;
  return { cpuUs: (user + system) / deliveries, bytes: Number(value?.bytes) / deliveries };
}

/** Pushes of one book with 20 levels a side. One level changes from each push to the next. */
function bookFrames(count: number): string[] {
  const writer = new MessagePackWriter();
  const side = (step: number): Float64Array =>
    Float64Array.from({ length: LEVELS * 2 }, (_, i) =>
      i % 2 === 0 ? 15_000 + step * (i / 2 + 1) : 100 + ((i * 7919) % 9000),
    );
  const [bids, asks] = [side(-5), side(5)];
  return Array.from({ length: count }, (_, n) => {
    const changed = n % 3 === 0 ? bids : asks;
    changed[((n * 31) % LEVELS) * 2 + 1] = 1 + ((n * 7907) % 9000);
    const time = 1_795_000_000_000 + n * 7;
    return bookPush.encode(
      "json",
      writer,
      ...[7, bids, LEVELS, asks, LEVELS, 15_000, 1 + (n % 50), time, n + 1],
    ) as string;
  });
}
