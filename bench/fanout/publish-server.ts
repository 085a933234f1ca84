/**
 * The baseline of deliveries: a bare server that publishes recorded ticks to one topic, round and round, and
 * does nothing else. The next tick goes out when every socket has taken the last one.
 *
 *     bun bench/fanout/publish-server.ts FILE     prints {"msg":"listening","port":N}
 *
 * FILE is a JSON array of ticks, each an array of text frames. `GET /start` and `GET /stop` say when to publish.
 */
const ticks = (await Bun.file(process.argv[2] ?? "").json()) as string[][];
const TOPIC = "ticks";
const sockets = new Set<Bun.ServerWebSocket<undefined>>();
let isPublishing = false;
let next = 0;

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
    if (isPublishing && !wasPublishing) publishTick();
    return new Response(null);
  },
  websocket: {
    data: undefined,
    open(socket) {
      sockets.add(socket);
    },
    message(socket) {
      socket.subscribe(TOPIC);
      socket.send("{}");
    },
    close(socket) {
      sockets.delete(socket);
    },
  },
});

function publishTick(): void {
  if (!isPublishing) return;
  setImmediate(publishTick);
  if (!isDrained()) return;
  for (const frame of ticks[next]) server.publish(TOPIC, frame);
  next = (next + 1) % ticks.length;
}

function isDrained(): boolean {
  for (const socket of sockets) {
    if (socket.getBufferedAmount() > 0) return false;
  }
  return true;
}

console.log(JSON.stringify({ msg: "listening", port: server.port }));
