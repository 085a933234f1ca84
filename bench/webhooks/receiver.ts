/** Where the webhooks of the bench lead: takes everything. Prints {"msg":"listening","port":N}. */
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    await request.bytes();
    return new Response(null, { status: 204 });
  },
});
console.log(JSON.stringify({ msg: "listening", port: server.port }));
