/**
 * The baseline of deliveries: a bare server that publishes recorded ticks to topics, over and over, and does nothing
 * else.
 *
 *     bun bench/fanout/publish-server.ts FILE [--paced]     prints {"msg":"listening","port":N}
 *
 * FILE is a JSON array of `RecordedTick`. A subscriber gets the frames of the symbols that it names, or of all with
 * "*". The next tick goes out when every socket has taken the last one. With `--paced` it goes out at its recorded
 * time, or later if the event loop is late; each turn of the event loop sends at most one tick. `GET /start` and `GET
 * /stop` start and stop the publishing.
 */
import type { RecordedTick } from "./record-ticks.ts";

const ticks = (await Bun.file(process.argv[2] ?? "").json()) as RecordedTick[];
const isPaced = process.argv[3] === "--paced";
const ALL_SYMBOLS = "*";
const sockets = new Set<Bun.ServerWebSocket<undefined>>();
/** Symbols that somebody has subscribed to. */
const subscribed = new Set<string>();
let isPublishing = false;
let next = 0;
/** Milliseconds to add to a recorded time. */
let offset = 0;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/market-data") {
      const protocol = request.headers.get("sec-websocket-protocol") ?? "waiver.json";
      const headers = { "Sec-WebSocket-Protocol": protocol };
      return server.upgrade(request, { headers }) ? undefined : new Response(null, { status: 400 });
    }
    const wasPublishing = isPublishing;
    isPublishing = pathname === "/start";
    if (isPublishing && !wasPublishing) start();
    return new Response(null);
  },
  websocket: {
    data: undefined,
    open(socket) {
      sockets.add(socket);
    },
    message(socket, message) {
      const { params } = JSON.parse(String(message)) as { params: { symbols: string[] } };
      for (const symbol of params.symbols) {
        subscribed.add(symbol);
        socket.subscribe(symbol);
      }
      socket.send("{}");
    },
    close(socket) {
      sockets.delete(socket);
    },
  },
});

function start(): void {
  offset = Date.now() - ticks[next].time;
  publishTick();
}

function publishTick(): void {
  if (!isPublishing) return;
  const early = isPaced ? ticks[next].time + offset - Date.now() : 0;
  if (early > 0) return void setTimeout(publishTick, early);
  setImmediate(publishTick);
  if (!isPaced && !isDrained()) return;
  for (const [symbol, frame] of ticks[next].frames) {
    if (subscribed.has(symbol)) server.publish(symbol, frame);
    if (subscribed.has(ALL_SYMBOLS)) server.publish(ALL_SYMBOLS, frame);
  }
  next++;
  if (next < ticks.length) return;
  next = 0;
  offset = Date.now() - ticks[0].time;
}

function isDrained(): boolean {
  for (const socket of sockets) {
    if (socket.getBufferedAmount() > 0) return false;
  }
  return true;
}

console.log(JSON.stringify({ msg: "listening", port: server.port }));
