/** Attacks with small requests that have large answers, and with events that have many readers. */
import { repeated } from "../../load/client-frames.ts";
import type { Attack } from "../attack.ts";
import { type Attacker, requestFrame } from "../attacker.ts";
import { CROWD_CHANNELS } from "../channels.ts";
import type { Peer } from "../peer.ts";

/** A connection sends this many requests at once, and again after this many milliseconds. */
const REQUESTS_AT_ONCE = 10;
const REQUESTS_EVERY_MS = 10;
const ANONYMOUS_CONNECTIONS = 5;
const ASKERS = 60;
const ASKER_REQUESTS = 1000;
const OPEN_ORDERS = 100_000;
const OPEN_ORDERS_MIN = 12_000;
const DEEP_LEVELS = 100_000;
const DEEP_LEVELS_MIN = 5_000;
const DEEP_LANES = 8;
const RETRY_MS = 20;
const SWEEP_ORDERS = 100_000;
const SWEEP_ORDERS_MIN = 20_000;
const SWEEP_SELLERS = 10;

export const answerAttacks: readonly Attack[] = [
  {
    name: "listings",
    section: 1,
    about: "Five anonymous connections ask for symbols.list 1,000 times a second each.",
    run(attacker) {
      const request = requestFrame("symbols.list", {});
      return anonymousRequests(attacker, "symbols.list", [request]);
    },
  },
  {
    name: "subscribe-churn",
    section: 1,
    about:
      "Five anonymous connections subscribe to everything and unsubscribe again, 1,000 times a second each.",
    run(attacker) {
      const params = { channels: CROWD_CHANNELS, symbols: ["*"] };
      const requests = ["subscribe", "unsubscribe"].map((method) => requestFrame(method, params));
      return anonymousRequests(attacker, "subscribe and unsubscribe of everything", requests);
    },
  },
  {
    name: "big-answers",
    section: 1,
    like: "deaf-peers",
    about: "60 connections ask for 1,000 large answers each at once, and read them.",
    async run(attacker) {
      const peers = await attacker.openMany(ASKERS, "/market-data");
      const count = attacker.count(ASKER_REQUESTS, 200);
      const request = requestFrame("symbols.list", {});
      attacker.begin();
      for (const peer of peers) peer.write(repeated(request, count * request.length));
      await attacker.over();
      return `${peers.length} connections asked for symbols.list ${count} times each`;
    },
  },
  {
    name: "open-orders",
    section: 1,
    like: "histories",
    about:
      "A user with very many open orders asks for all of them again and again, and reads the answers.",
    users: ["rich"],
    leavesMuch: true,
    async run(attacker) {
      using owner = await attacker.login(0);
      const count = attacker.count(OPEN_ORDERS, OPEN_ORDERS_MIN);
      const symbol = attacker.symbol(0);
      const bid = { symbol, side: "BUY", type: "LIMIT", quantity: 1 };
      const placed = await attacker.place(owner, count, (n) => ({ ...bid, price: 1 + (n % 500) }));
      using reader = await attacker.login(0);
      attacker.begin();
      let asked = 0;
      while (reader.isOpen && !attacker.isOver) {
        await reader.request("orders.open");
        asked += 1;
      }
      if (!reader.isOpen)
        attacker.fault(`the connection that reads the answers was closed: ${await reader.closed}`);
      return `${placed} orders sent, orders.open asked ${asked} times, one at a time`;
    },
  },
  {
    name: "deep-book",
    section: 1,
    about:
      "Strangers on eight connections subscribe again and again to the depth of a book with 100,000 prices, and read.",
    users: ["trader"],
    leavesMuch: true,
    async run(attacker) {
      using owner = await attacker.login(0);
      const count = attacker.count(DEEP_LEVELS, DEEP_LEVELS_MIN);
      const symbol = attacker.symbol(0);
      const bid = { symbol, side: "BUY", type: "LIMIT", quantity: 1 };
      const placed = await attacker.place(owner, count, (n) => ({ ...bid, price: 1 + n }));
      const topics = { channels: ["depth"], symbols: [symbol] };
      let asked = 0;
      let bytes = 0;
      const onMessage = (payload: Buffer): void => {
        bytes += payload.length;
      };
      const ask = async (peer: Peer): Promise<void> => {
        while (peer.isOpen && !attacker.isOver) {
          const answer = await Promise.race([peer.request("subscribe", topics), attacker.over()]);
          asked += 1;
          if (answer?.error !== undefined) await Bun.sleep(RETRY_MS);
        }
      };
      attacker.begin();
      const open = (): Promise<Peer> => attacker.open("/market-data", { onMessage });
      await Promise.all(Array.from({ length: DEEP_LANES }, () => attacker.persist(open, ask)));
      return `${placed} prices, asked for ${asked} times, ${(bytes / 2 ** 20).toFixed(1)} MiB came`;
    },
  },
  {
    name: "long-sweep",
    section: 1,
    about: "One order takes 100,000 offers of one share each while everybody reads the trades.",
    users: ["rich", ...new Array<"rich">(SWEEP_SELLERS).fill("rich")],
    leavesMuch: true,
    async run(attacker) {
      const count = attacker.count(SWEEP_ORDERS, SWEEP_ORDERS_MIN);
      const symbol = attacker.symbol(0);
      const each = Math.ceil(count / SWEEP_SELLERS);
      const offer = { symbol, side: "SELL", type: "LIMIT", price: 100, quantity: 1 };
      for (let seller = 1; seller <= SWEEP_SELLERS; seller++) {
        using peer = await attacker.login(seller);
        await attacker.place(peer, each, () => offer);
      }
      using buyer = await attacker.login(0);
      attacker.begin();
      const { result, error } = await buyer.request("order.place", {
        ...offer,
        side: "BUY",
        quantity: count,
        time_in_force: "IOC",
      });
      await attacker.over();
      const filled = result?.filled_quantity ?? `refused with ${error?.code}`;
      return `${count} offers of one share, one order for all: ${filled} filled`;
    },
  },
];

/** Anonymous connections send the requests in turn at a steady rate, and read the answers. */
async function anonymousRequests(
  attacker: Attacker,
  what: string,
  requests: readonly Uint8Array[],
): Promise<string> {
  attacker.begin();
  let sent = 0;
  const ask = (peer: Peer): Promise<void> =>
    attacker.every(REQUESTS_EVERY_MS, peer, () => {
      for (let n = 0; n < REQUESTS_AT_ONCE && peer.isDrained; n++) {
        const request = requests[sent++ % requests.length];
        if (request !== undefined) peer.write(request);
      }
    });
  const open = (): Promise<Peer> => attacker.open("/market-data");
  await Promise.all(
    Array.from({ length: ANONYMOUS_CONNECTIONS }, () => attacker.persist(open, ask)),
  );
  return `${what}: ${sent} requests in ${attacker.elapsedSeconds.toFixed(1)} s over ${ANONYMOUS_CONNECTIONS} connections`;
}
