/** Attacks with webhooks and with bad receivers of their posts. */
import type { Attack } from "../attack.ts";
import { type Attacker, requestFrame } from "../attacker.ts";
import { fetchFrom } from "../connect.ts";
import { httpRequest } from "../http-peer.ts";
import { jsonRequest, keyHeaders, loop } from "./http.ts";

/** An address without a listener. */
const NOBODY = "http://127.0.0.1:9/hook";
const HOOK_OWNERS = 20;
const HOOKS = 10;
/** The default limits allow a user one order in this time. */
const ORDER_EVERY_MS = 10;
const ENDLESS_CHUNK_BYTES = 0x4000;

export const receiverAttacks: readonly Attack[] = [
  {
    name: "webhook-churn",
    section: 1,
    about:
      "A user creates and lists webhooks and has dead letters resent, as fast as eight connections can; their address has no listener.",
    users: ["ordinary"],
    run(attacker) {
      const headers = keyHeaders(attacker);
      return loop(
        attacker,
        jsonRequest("POST", "/api/v1/webhooks", headers, { url: NOBODY }),
        httpRequest("GET", "/api/v1/webhooks", headers),
        httpRequest("GET", "/api/v1/webhooks/whk_1/dead-letters", headers),
        httpRequest("POST", "/api/v1/webhooks/whk_1/dead-letters/resend", headers),
      );
    },
  },
  {
    name: "bad-receivers",
    section: 1,
    like: "webhook-churn",
    about:
      "200 webhooks of 20 users lead to receivers that never answer, send an endless answer, or hang up; each user places 100 orders a second.",
    users: new Array<"ordinary">(HOOK_OWNERS).fill("ordinary"),
    async run(attacker) {
      using receivers = new BadReceivers();
      const owners = Array.from({ length: HOOK_OWNERS }, (_, n) => n);
      let hooks = 0;
      for (const owner of owners) {
        for (let n = 0; n < HOOKS; n++) {
          if (await makeHook(attacker, owner, receivers.url(owner + n))) hooks++;
        }
      }
      if (hooks < HOOK_OWNERS * HOOKS) attacker.fault(`only ${hooks} webhooks were created`);
      const order = {
        symbol: attacker.symbol(0),
        side: "BUY",
        type: "LIMIT",
        price: 1,
        quantity: 1,
      };
      const place = requestFrame("order.place", { ...order, time_in_force: "IOC" });
      const peers = await Promise.all(owners.map((owner) => attacker.login(owner)));
      attacker.begin();
      await Promise.all(
        peers.map((peer) => attacker.every(ORDER_EVERY_MS, peer, () => peer.write(place))),
      );
      for (const peer of peers) peer.leave();
      return `${hooks} webhooks, to which ${receivers.connections} connections were made`;
    },
  },
];

async function makeHook(attacker: Attacker, owner: number, url: string): Promise<boolean> {
  const reply = await fetchFrom(attacker.plan.port, "/api/v1/webhooks", {
    method: "POST",
    headers: { ...keyHeaders(attacker, owner), "Content-Type": "application/json" },
    body: JSON.stringify({ url }),
  });
  return reply.ok;
}

/** Four receivers: one never answers, one sends an endless answer, one takes every post, and one hangs up. */
class BadReceivers implements Disposable {
  connections = 0;
  readonly #listeners: readonly { port: number; stop(closeAll: boolean): void }[];

  constructor() {
    const chunk = `${ENDLESS_CHUNK_BYTES.toString(16)}\r\n${"x".repeat(ENDLESS_CHUNK_BYTES)}\r\n`;
    const head = "HTTP/1.1 200 OK\r\n";
    const behaviours: readonly ((socket: Bun.Socket) => void)[] = [
      () => undefined,
      (socket) => {
        socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
        for (let taken = chunk.length; taken === chunk.length; ) taken = socket.write(chunk);
      },
      (socket) => void socket.write(`${head}Content-Length: 0\r\n\r\n`),
      (socket) => void socket.end(),
    ];
    this.#listeners = behaviours.map((behave) =>
      Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: { open: () => void this.connections++, data: behave, drain: behave },
      }),
    );
  }

  url(n: number): string {
    return `http://127.0.0.1:${this.#listeners[n % this.#listeners.length]?.port}/hook`;
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener.stop(true);
  }
}
