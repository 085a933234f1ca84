/** HTTP as fast as it goes, and HTTP that does not get on. */
import type { Attack } from "../attack.ts";
import type { Attacker } from "../attacker.ts";
import { HttpPeer, httpRequest } from "../http-peer.ts";

const LANES = 8;
/** Requests that are written at once, one behind the other. */
const PIPELINED = 64;
const UNFINISHED_CONNECTIONS = 1000;
const DRIP_EVERY_MS = 100;
const DEAF_CONNECTIONS = 100;
const DEAF_REQUESTS = 400;
const BODY_BYTES = 1024 * 1024;
const BODY_CONNECTIONS = 300;
const NO_TOKEN = { Authorization: "Bearer 0123456789abcdef" };

export const httpAttacks: readonly Attack[] = [
  {
    name: "healthz-loop",
    section: 1,
    about: "Eight connections ask for /healthz as fast as they can, 64 requests at once.",
    run: (attacker) => loop(attacker, httpRequest("GET", "/healthz")),
  },
  {
    name: "readyz-loop",
    section: 1,
    about: "The same with /readyz.",
    run: (attacker) => loop(attacker, httpRequest("GET", "/readyz")),
  },
  {
    name: "metrics-loop",
    section: 1,
    about: "The same with /metrics, which has a large answer.",
    run: (attacker) => loop(attacker, httpRequest("GET", "/metrics")),
  },
  {
    name: "admin-loop",
    section: 1,
    about: "The same with the admin API and a wrong token.",
    run: (attacker) => loop(attacker, httpRequest("GET", "/admin/v1/users", NO_TOKEN)),
  },
  {
    name: "audit-loop",
    section: 1,
    about: "The same with a page of the audit, without a token.",
    run: (attacker) => loop(attacker, httpRequest("GET", "/admin/v1/audit")),
  },
  {
    name: "session-loop",
    section: 1,
    about: "The same with wrong keys at POST /api/v1/session.",
    run(attacker) {
      const body = JSON.stringify({ api_key: "wk_0000000000000000", api_secret: "0".repeat(64) });
      const headers = { "Content-Type": "application/json", "Content-Length": String(body.length) };
      return loop(attacker, httpRequest("POST", "/api/v1/session", headers) + body);
    },
  },
  {
    name: "rest-loop",
    section: 1,
    about: "The same with GET /api/v1/symbols, which has a large answer.",
    run: (attacker) => loop(attacker, httpRequest("GET", "/api/v1/symbols")),
  },
  {
    name: "reconnects",
    section: 1,
    about: "64 lanes open a WebSocket and leave at once, again and again.",
    async run(attacker) {
      attacker.begin();
      let opened = 0;
      const lane = async (): Promise<void> => {
        while (!attacker.isOver) {
          const [peer] = await attacker.openMany(1, "/market-data");
          peer?.leave();
          if (peer !== undefined) opened += 1;
        }
      };
      await Promise.all(Array.from({ length: 64 }, lane));
      return `${opened} connections opened and left, 64 at a time`;
    },
  },
  {
    name: "unfinished-headers",
    section: 1,
    about: "1,000 connections send the headers of a request a byte at a time, and never end.",
    async run(attacker) {
      const count = attacker.count(UNFINISHED_CONNECTIONS, 300);
      const peers = await openHttp(attacker, count);
      attacker.begin();
      for (const peer of peers) peer.write("GET /healthz HTTP/1.1\r\nX-Slow: ");
      while (!attacker.isOver) {
        for (const peer of peers) peer.write("a");
        await Bun.sleep(DRIP_EVERY_MS);
      }
      const still = peers.filter((peer) => peer.isOpen).length;
      for (const peer of peers) peer.leave();
      return `${peers.length} unfinished requests, a byte every ${DRIP_EVERY_MS} ms; ${still} still open`;
    },
  },
  {
    name: "unfinished-bodies",
    section: 1,
    about: "300 connections post all but the last byte of 1 MiB to the admin API, with no token.",
    async run(attacker) {
      const peers = await openHttp(attacker, attacker.count(BODY_CONNECTIONS, 100));
      attacker.begin();
      const head = httpRequest("POST", "/admin/v1/users", {
        ...NO_TOKEN,
        "Content-Length": String(BODY_BYTES),
      });
      for (const peer of peers) peer.write(head + " ".repeat(BODY_BYTES - 1));
      await attacker.over();
      for (const peer of peers) peer.leave();
      return `${peers.length} unfinished bodies of ${BODY_BYTES} bytes`;
    },
  },
  {
    name: "deaf-http",
    section: 1,
    about: "100 connections ask for /metrics 400 times each and read nothing.",
    async run(attacker) {
      const peers = await openHttp(attacker, DEAF_CONNECTIONS);
      attacker.begin();
      for (const peer of peers) {
        peer.pause();
        peer.write(httpRequest("GET", "/metrics").repeat(DEAF_REQUESTS));
      }
      await attacker.over();
      for (const peer of peers) peer.leave();
      return `${peers.length} connections asked for /metrics ${DEAF_REQUESTS} times each and read nothing`;
    },
  },
];

/** Every lane has its requests on the way all the time, on a new connection when the last was closed. */
async function loop(attacker: Attacker, request: string): Promise<string> {
  attacker.begin();
  let connections = 0;
  const lane = async (): Promise<void> => {
    while (!attacker.isOver) {
      using peer = await HttpPeer.open(attacker.plan.port, attacker.tally);
      connections += 1;
      while (peer.isOpen && !attacker.isOver) {
        peer.write(request.repeat(PIPELINED));
        await Promise.race([peer.answered(), attacker.over()]);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const answers = Object.values(attacker.tally.answers).reduce((sum, count) => sum + count, 0);
  const line = request.split("\r\n", 1)[0];
  return `${answers} answers to ${line} in ${attacker.elapsedSeconds.toFixed(1)} s over ${connections} connections`;
}

async function openHttp(attacker: Attacker, count: number): Promise<HttpPeer[]> {
  const peers: HttpPeer[] = [];
  while (peers.length < count && !attacker.isLate) {
    peers.push(await HttpPeer.open(attacker.plan.port, attacker.tally));
  }
  return peers;
}
