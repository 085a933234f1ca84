/** Attacks with HTTP requests that are expensive to parse, because they have thousands of parts. */
import type { Attack } from "../attack.ts";
import { httpRequest } from "../http-peer.ts";
import { loop } from "./http.ts";

const CHUNKS = 6000;
/** Items of a header or a query that is nearly as long as the server accepts. */
const ITEMS = 3000;
const UPGRADE = {
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

export const httpTextAttacks: readonly Attack[] = [
  {
    name: "chunked-bodies",
    section: 1,
    about: `Eight connections post bodies in ${CHUNKS.toLocaleString("en-US")} chunks of a byte each, as fast as they can.`,
    run(attacker) {
      const headers = { "Content-Type": "application/json", "Transfer-Encoding": "chunked" };
      const body = `${"1\r\n \r\n".repeat(CHUNKS)}0\r\n\r\n`;
      return loop(attacker, httpRequest("POST", "/api/v1/session", headers) + body);
    },
  },
  {
    name: "long-lists",
    section: 1,
    about: `Eight connections send lists of ${ITEMS.toLocaleString("en-US")} items as content codings, cookies, ETags, subprotocols and queries, as fast as they can.`,
    run(attacker) {
      const items = Array.from({ length: ITEMS }, (_, n) => n.toString(36));
      const list = items.join(",");
      return loop(
        attacker,
        httpRequest("GET", "/api/v1/time", { "Accept-Encoding": list }),
        httpRequest("GET", "/api/v1/session", { Cookie: items.join(";") }),
        httpRequest("GET", "/api/v1/asyncapi.json", { "If-None-Match": list }),
        httpRequest("GET", "/market-data", { ...UPGRADE, "Sec-WebSocket-Protocol": list }),
        httpRequest("GET", `/api/v1/time?${items.join("&")}`),
      );
    },
  },
];
