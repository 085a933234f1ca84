/** A process that holds connections; see `ScalePlan`. If one fails, it prints the error and exits. */
import { clientFrame, messageFrame, Opcode } from "../load/client-frames.ts";
import { FrameSocket } from "../load/frame-socket.ts";
import { jsonLines } from "../load/json-lines.ts";
import { DepthReader } from "./depth-reader.ts";
import type { ScaleCount, ScalePlan, ScaleRequest } from "./plan.ts";

/** How many connections are opened at the same time. */
const OPENING_MAX = 50;
/** How long a slow connection reads nothing. */
const PAUSE_MS = 1500;
/** The time between two messages of a hostile connection. */
const HOSTILE_EVERY_MS = 20;
/** The time until a connection that ended is opened again. */
const BACK_AFTER_MS = 200;

const input = jsonLines(Bun.stdin.stream());
const plan = (await input.next()).value as unknown as ScalePlan;
const tally = { messages: 0, gaps: 0, resumed: 0, begunAnew: 0 };
const counts = { cut: 0, closedReaders: 0, closedSlow: 0, closedHostile: 0, behind: 0 };
let drawn = plan.seed;
let isSettling = false;
/** Readers that were cut off and have not connected again yet. */
const away = new Set<DepthReader>();

const readers = Array.from({ length: plan.readers }, (_, n) => {
  const symbols = Array.from(
    { length: plan.symbolsEach },
    (_, k) => plan.symbols[(n + k * 101) % plan.symbols.length],
  );
  const onClosed = (error: Error) => {
    counts.closedReaders++;
    console.error(`The server closed a reader: ${error.message}`);
  };
  const user = plan.users[n % plan.users.length];
  return new DepthReader({
    port: plan.port,
    user,
    symbols: [...new Set(symbols)],
    tally,
    onClosed,
  });
});
await openAll(readers);
for (let n = 0; n < plan.slow; n++) void openSlow();
for (let n = 0; n < plan.hostile; n++) void openHostile();
const churn = setInterval(() => void cutOne(), 1000 / Math.max(1, plan.churnPerSecond));
if (plan.churnPerSecond === 0) clearInterval(churn);
answer();
for await (const line of input) {
  const request = line as unknown as ScaleRequest;
  if (request.ask === "settle") {
    isSettling = true;
    clearInterval(churn);
    while (away.size > 0) await Bun.sleep(50);
  }
  if (request.ask === "verify") {
    counts.behind = readers.reduce((sum, reader) => sum + reader.behind(request.seqs), 0);
  }
  answer();
}
process.exit(0);

async function openAll(all: readonly DepthReader[]): Promise<void> {
  let next = 0;
  const openSome = async (): Promise<void> => {
    for (let reader = all[next++]; reader !== undefined; reader = all[next++]) await reader.open();
  };
  await Promise.all(Array.from({ length: OPENING_MAX }, openSome));
}

function answer(): void {
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  const count: ScaleCount = { nowNs: Bun.nanoseconds(), cpuSeconds, ...tally, ...counts };
  console.log(JSON.stringify(count));
}

/** Cuts off a reader, and lets it connect again. */
async function cutOne(): Promise<void> {
  const reader = readers[draw(readers.length)];
  if (away.has(reader)) return;
  counts.cut++;
  away.add(reader);
  reader.cut();
  await Bun.sleep(BACK_AFTER_MS);
  try {
    await reader.open();
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
  away.delete(reader);
}

/** A connection that subscribes and reads only half of the time. It is opened again when the server closes it. */
async function openSlow(): Promise<void> {
  const { port } = plan;
  let timer: Timer | undefined;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (opened) => {
        opened.write(
          "GET /market-data HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        );
        const subscribe = { id: 1, method: "subscribe", params: plan.slowParams };
        opened.write(messageFrame(subscribe, "json"));
      },
      data: () => undefined,
      close: () => {
        clearInterval(timer);
        counts.closedSlow++;
        if (!isSettling) setTimeout(() => void openSlow(), BACK_AFTER_MS);
      },
      error: () => undefined,
    },
  });
  let isPaused = false;
  timer = setInterval(() => {
    if (isPaused) socket.resume();
    else socket.pause();
    isPaused = !isPaused;
  }, PAUSE_MS);
}

/** A connection that sends invalid messages. It is opened again when the server closes it. */
async function openHostile(): Promise<void> {
  const closed = Promise.withResolvers<void>();
  try {
    const socket = await FrameSocket.open({
      ...{ hostname: "127.0.0.1", port: plan.port, path: "/market-data", encoding: "json" },
      onFrame: () => undefined,
      onFault: () => closed.resolve(),
    });
    const timer = setInterval(() => socket.write(badFrame()), HOSTILE_EVERY_MS);
    await closed.promise;
    clearInterval(timer);
    counts.closedHostile++;
  } catch {
    // The server may refuse the connection.
  }
  if (!isSettling) setTimeout(() => void openHostile(), BACK_AFTER_MS);
}

function badFrame(): Uint8Array {
  const kinds = [
    () => clientFrame(Opcode.TEXT, new TextEncoder().encode("{".repeat(1000))),
    () => clientFrame(Opcode.BINARY, new Uint8Array(64).fill(0xdf)),
    () => clientFrame(Opcode.PING, new Uint8Array(100)),
    () =>
      messageFrame(
        { id: 1, method: "subscribe", params: { channels: ["book"], symbols: ["*"] } },
        "json",
      ),
    () => messageFrame({ id: 1, method: "symbols.list", params: {} }, "json"),
    () =>
      messageFrame(
        { id: 1, method: "auth.login", params: { api_key: "x", api_secret: "y" } },
        "json",
      ),
    () => new Uint8Array(16).fill(0xff),
  ];
  return kinds[draw(kinds.length)]();
}

/** The next number of a pseudo-random sequence, from 0 to `below - 1`. The seed decides the sequence. */
function draw(below: number): number {
  drawn = (Math.imul(drawn, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return drawn % below;
}
