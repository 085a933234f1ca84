/** Attacks with HTTP requests as fast as possible, and with requests that are not finished. */
import type { Attack } from "../attack.ts";
import type { Attacker } from "../attacker.ts";
import { HttpPeer, httpRequest } from "../http-peer.ts";
import { rawHttp } from "../raw-http.ts";

const LANES = 8;
/** Requests in one write. */
const PIPELINED = 64;
const UNFINISHED_CONNECTIONS = 1000;
const DRIP_EVERY_MS = 100;
const DEAF_CONNECTIONS = 100;
const DEAF_REQUESTS = 400;
const BODY_BYTES = 1024 * 1024;
const BODY_CONNECTIONS = 300;
const CROWD_CONNECTIONS = 2000;
const IDLE_CONNECTIONS = 12_000;
const IDLE_LANES = 32;
const NEW_CLIENT_EVERY_MS = 100;
const NEW_CLIENT_MS_MAX = 2_000;
const GZIP = { "Accept-Encoding": "gzip" };
const CLOSE = { Connection: "close" };
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
    like: "healthz-loop",
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
    like: "healthz-loop",
    about: "The same with the admin API and a wrong token.",
    run: (attacker) => loop(attacker, httpRequest("GET", "/admin/v1/users", NO_TOKEN)),
  },
  {
    name: "audit-loop",
    section: 1,
    like: "healthz-loop",
    about: "The same with a page of the audit log, without a token.",
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
    name: "document-storm",
    section: 1,
    about:
      "Eight connections ask for the pages and documents of /docs, compressed, as fast as they can.",
    run(attacker) {
      const paths = [
        "/docs",
        "/api/v1/openapi.json",
        "/docs/streams",
        "/docs/reference.js",
        "/api/v1/asyncapi.json",
      ];
      return loop(attacker, ...paths.map((path) => httpRequest("GET", path, GZIP)));
    },
  },
  {
    name: "compressed-lists",
    section: 1,
    like: "rest-loop",
    about: "A user asks for long lists over REST, compressed, as fast as eight connections can.",
    users: ["ordinary"],
    run(attacker) {
      const headers = { ...GZIP, ...keyHeaders(attacker) };
      const paths = ["/api/v1/symbols", "/api/v1/tickers"];
      return loop(attacker, ...paths.map((path) => httpRequest("GET", path, headers)));
    },
  },
  {
    name: "rest-orders",
    section: 1,
    about:
      "A user with the default limits places orders over REST as fast as eight connections can.",
    users: ["ordinary"],
    run(attacker) {
      const symbol = attacker.symbol(0);
      const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
      return loop(attacker, jsonRequest("POST", "/api/v1/orders", keyHeaders(attacker), order));
    },
  },
  {
    name: "keep-alive-crowd",
    section: 1,
    about:
      "2,000 connections of one address ask for /api/v1/symbols, each again when it is answered.",
    run: (attacker) => crowd(attacker, httpRequest("GET", "/api/v1/symbols")),
  },
  {
    name: "health-crowd",
    section: 1,
    like: "keep-alive-crowd",
    about: "The same with /healthz.",
    run: (attacker) => crowd(attacker, httpRequest("GET", "/healthz")),
  },
  {
    name: "session-storm",
    section: 1,
    like: "right-logins",
    about: "A user begins sessions with the right key on eight connections, as fast as possible.",
    users: ["ordinary"],
    run: (attacker) => loop(attacker, jsonRequest("POST", "/api/v1/session", {}, attacker.key(0))),
  },
  {
    name: "token-storm",
    section: 1,
    like: "session-loop",
    about: "Eight connections send invalid tokens, each time another one.",
    run(attacker) {
      const requests = Array.from({ length: 64 }, (_, n) => {
        const part = Buffer.from(JSON.stringify({ alg: "EdDSA", kid: `k${n}`, n })).toString(
          "base64url",
        );
        const token = `${part}.${part}.${part}`;
        return httpRequest("GET", "/api/v1/account/balances", {
          Authorization: `Bearer ${token}`,
        });
      });
      return loop(attacker, ...requests);
    },
  },
  {
    name: "signed-upgrades",
    section: 1,
    like: "wrong-logins",
    about: "64 lanes open WebSockets with a wrong key in the headers.",
    async run(attacker) {
      attacker.begin();
      const headers = { "X-API-KEY": "wk_0000000000000000", "X-API-SECRET": "0".repeat(64) };
      let asked = 0;
      const lane = async (): Promise<void> => {
        while (!attacker.isOver) {
          const [peer] = await attacker.openMany(1, "/orders", { headers });
          asked += 1;
          if (peer !== undefined) attacker.fault("a wrong key was accepted");
          peer?.leave();
        }
      };
      await Promise.all(Array.from({ length: LANES * LANES }, lane));
      return `${asked} upgrades with a wrong key`;
    },
  },
  {
    name: "idle-http",
    section: 5,
    about:
      "12,000 connections send part of a request, and are opened again when they end; new clients must be served.",
    async run(attacker) {
      attacker.begin();
      const count = attacker.count(IDLE_CONNECTIONS, 2000);
      let opened = 0;
      let ended = 0;
      const lane = async (): Promise<void> => {
        let open: HttpPeer[] = [];
        while (!attacker.isOver) {
          const peer = await HttpPeer.open(attacker.plan.port, attacker.tally);
          opened += 1;
          peer.write(opened % 2 === 0 ? "GET /healthz HTTP/1.1\r\n" : "G");
          open.push(peer);
          if (open.length < count / IDLE_LANES) continue;
          while (!attacker.isOver && open.every(({ isOpen }) => isOpen)) await Bun.sleep(10);
          open = open.filter(({ isOpen }) => isOpen);
        }
        ended += open.filter(({ isOpen }) => !isOpen).length;
        for (const peer of open) peer.leave();
      };
      const newClients = newClientWaits(attacker);
      await Promise.all(Array.from({ length: IDLE_LANES }, lane));
      const waits = await newClients;
      const slowest = Math.max(...waits);
      if (!(slowest < (attacker.plan.isTimed ? NEW_CLIENT_MS_MAX : Infinity)))
        attacker.fault(`a new client waited ${slowest.toFixed(0)} ms`);
      return `${opened} idle connections opened, ${ended} of the last ended; ${waits.length} new clients were answered after ${slowest.toFixed(0)} ms at most`;
    },
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
    about: "1,000 connections send the headers of a request byte by byte and never finish them.",
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
    like: "unfinished-headers",
    about:
      "300 connections post all but the last byte of 1 MiB to the admin API, with a wrong token.",
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

/** The headers that log in user `n`. */
export function keyHeaders(attacker: Attacker, n = 0): Record<string, string> {
  const { api_key, api_secret } = attacker.key(n);
  return { "X-API-KEY": api_key, "X-API-SECRET": api_secret };
}

export function jsonRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: object,
): string {
  const text = JSON.stringify(body);
  const all = {
    ...headers,
    "Content-Type": "application/json",
    "Content-Length": String(text.length),
  };
  return httpRequest(method, path, all) + text;
}

/** Many connections send a request again whenever it is answered. A connection that ends is replaced. */
async function crowd(attacker: Attacker, request: string): Promise<string> {
  const count = attacker.count(CROWD_CONNECTIONS, 300);
  const peers = await openHttp(attacker, count);
  attacker.begin();
  let connections = peers.length;
  const ask = async (first: HttpPeer): Promise<void> => {
    let peer = first;
    while (!attacker.isOver) {
      peer.write(request);
      await Promise.race([peer.answered(), attacker.over()]);
      if (peer.isOpen || attacker.isOver) continue;
      peer = await HttpPeer.open(attacker.plan.port, attacker.tally);
      connections += 1;
    }
    peer.leave();
  };
  await Promise.all(peers.map(ask));
  return `${answersOf(attacker)} answers to ${request.split("\r\n", 1)[0]} over ${connections} connections, ${count} at a time`;
}

function answersOf({ tally }: Attacker): number {
  return Object.values(tally.answers).reduce((sum, count) => sum + count, 0);
}

/**
 * Opens a new connection again and again until the time is over. Returns how long each answer took, in milliseconds.
 */
async function newClientWaits(attacker: Attacker): Promise<number[]> {
  const waits: number[] = [];
  while (!attacker.isOver) {
    const start = performance.now();
    const { status } = await rawHttp(attacker.plan.port, httpRequest("GET", "/readyz", CLOSE));
    waits.push(status === 200 ? performance.now() - start : Infinity);
    await Bun.sleep(NEW_CLIENT_EVERY_MS);
  }
  return waits;
}

/** Every lane always has requests in flight. It opens a new connection when the last one was closed. */
export async function loop(attacker: Attacker, ...requests: string[]): Promise<string> {
  attacker.begin();
  let connections = 0;
  const pipelined = Array.from({ length: PIPELINED }, (_, n) => requests[n % requests.length]);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (!attacker.isOver) {
      using peer = await HttpPeer.open(attacker.plan.port, attacker.tally);
      connections += 1;
      while (peer.isOpen && !attacker.isOver) {
        // The server closes a pipelined connection whose first request it cannot answer at once. So every second
        // connection sends one request at a time.
        peer.write(
          connections % 2 === 0 ? pipelined.join("") : (requests[next++ % requests.length] ?? ""),
        );
        await Promise.race([peer.answered(), attacker.over()]);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const line = requests[0]?.split("\r\n", 1)[0];
  return `${answersOf(attacker)} answers to ${line} in ${attacker.elapsedSeconds.toFixed(1)} s over ${connections} connections`;
}

async function openHttp(attacker: Attacker, count: number): Promise<HttpPeer[]> {
  const peers: HttpPeer[] = [];
  while (peers.length < count && !attacker.isLate) {
    peers.push(await HttpPeer.open(attacker.plan.port, attacker.tally));
  }
  return peers;
}
