/** Attacks with text that must be checked before it is used. */
import type { Attack } from "../attack.ts";
import { type Attacker, requestFrame } from "../attacker.ts";
import { rawHttp } from "../raw-http.ts";

const METHOD_BYTES = 1_000_000;
/** An error longer than this repeats the request. */
const ECHO_BYTES_MAX = 4096;
const RAW_CONNECTIONS = 4;

export const requestTextAttacks: readonly Attack[] = [
  {
    name: "broken-hosts",
    section: 7,
    about:
      "Four connections send HTTP requests without a Host, or with an invalid one, as fast as they can.",
    async run(attacker) {
      const requests = ["GET /readyz HTTP/1.0\r\n\r\n", "GET /readyz HTTP/1.1\r\nHost: [\r\n\r\n"];
      attacker.begin();
      const lane = async (n: number): Promise<number> => {
        let sent = 0;
        for (; !attacker.isOver; sent++) {
          const { status } = await rawHttp(attacker.plan.port, requests[(n + sent) % 2] ?? "");
          attacker.tally.answer(`HTTP ${status}`);
        }
        return sent;
      };
      const sent = await Promise.all(Array.from({ length: RAW_CONNECTIONS }, (_, n) => lane(n)));
      const failed = attacker.tally.answers["HTTP 500"] ?? 0;
      if (failed > 0) attacker.fault(`${failed} requests without a proper Host got a 500`);
      return `${sent.reduce((sum, n) => sum + n, 0)} requests to /readyz without a proper Host`;
    },
  },
  {
    name: "dotted-paths",
    section: 7,
    about:
      "Paths with dots in them must not reach /metrics, which a proxy in front may keep from strangers.",
    async run(attacker) {
      attacker.begin();
      const paths = ["/public/../metrics", "/public/%2e%2e/metrics", "/./metrics", "//metrics"];
      for (const path of paths) {
        const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
        const { status, text } = await rawHttp(attacker.plan.port, request);
        attacker.tally.answer(`HTTP ${status}`);
        if (text.includes("waiver_")) attacker.fault(`${path} reached /metrics`);
      }
      return `GET ${paths.join(", ")}`;
    },
  },
  {
    name: "long-methods",
    section: 7,
    about: "One anonymous connection calls methods whose names are 1 MB long, again and again.",
    async run(attacker) {
      const request = requestFrame("m".repeat(METHOD_BYTES), {});
      let longest = 0;
      attacker.begin();
      const onMessage = (payload: Buffer): void => {
        longest = Math.max(longest, payload.length);
      };
      await attacker.persist(
        () => attacker.open("/market-data", { onMessage }),
        (peer) => attacker.flood(peer, request),
      );
      if (longest > ECHO_BYTES_MAX)
        attacker.fault(`an answer of ${longest} bytes echoes the method`);
      return `methods of ${METHOD_BYTES} bytes; the longest answer had ${longest}`;
    },
  },
  {
    name: "foreign-origins",
    section: 7,
    about: "Upgrades with the Origin of other sites must be refused.",
    async run(attacker) {
      attacker.begin();
      const origins = ["https://elsewhere.example", "null", "http://127.0.0.1.elsewhere.example"];
      for (const origin of origins) await tryOrigin(attacker, origin);
      return `upgrades with the Origin ${origins.join(", ")}`;
    },
  },
];

async function tryOrigin(attacker: Attacker, origin: string): Promise<void> {
  try {
    using peer = await attacker.open("/orders", { headers: { Origin: origin } });
    if (peer.isOpen) attacker.fault(`an upgrade from ${origin} was accepted`);
  } catch (error) {
    attacker.tally.close(error instanceof Error ? error.message : String(error));
  }
}
