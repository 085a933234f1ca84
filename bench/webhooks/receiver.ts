/**
 * The receiver of the webhooks. It takes every post, but never answers a post to /silent. `GET /` returns how many
 * posts it took. Prints {"msg":"listening","port":N}.
 */
let taken = 0;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    if (request.method === "GET") return new Response(String(taken));
    await request.bytes();
    if (new URL(request.url).pathname === "/silent")
      return await new Promise<Response>(() => undefined);
    taken++;
    return new Response(null, { status: 204 });
  },
});
console.log(JSON.stringify({ msg: "listening", port: server.port }));
