/**
 * The baseline of REST orders: a bare `Bun.serve` whose routes parse the same bodies, ignore the content and answer
 * each order with the same acknowledgement, which is as long as the exchange's.
 *
 *     bun bench/rest/bare-server.ts     prints {"msg":"listening","port":N}
 */
import { ACKNOWLEDGEMENT } from "../load/acknowledgement.ts";

const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
const one = JSON.stringify(ACKNOWLEDGEMENT);

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  routes: {
    "/api/v1/orders": {
      async POST(request) {
        await request.json();
        return new Response(one, { headers });
      },
    },
    "/api/v1/orders/batch": {
      async POST(request) {
        const { orders } = (await request.json()) as { orders: unknown[] };
        const results = orders.map(() => ({ result: ACKNOWLEDGEMENT }));
        return new Response(JSON.stringify({ results }), { headers });
      },
    },
  },
});
console.log(JSON.stringify({ msg: "listening", port: server.port }));
