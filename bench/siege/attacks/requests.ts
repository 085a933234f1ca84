/** Attacks with requests that are sent again and again: logins, resumes, histories. */
import { clientFrame, Opcode, repeated } from "../../load/client-frames.ts";
import type { Attack } from "../attack.ts";
import { type Attacker, requestFrame } from "../attacker.ts";
import type { Path, Peer } from "../peer.ts";

const LANES = 8;
const CHUNK_BYTES = 60_000;
const ROWS_MAX = 1000;
const TRADES = 1000;
const DEPTH_CHANGES = 2000;
const DEEP_CHANGES = 60_000;
const DEEP_CHANGES_MIN = 5000;
const PRICE = 100;
const NESTED = 30_000;
const LISTENERS = 3000;
const LISTENERS_MIN = 300;
const BATCH_ORDERS = 100;
/** The default limits allow a user one batch in this time. */
const BATCH_MS = 1000;
const RETRY_MS = 20;
/** The default limits allow a user one change of an order in this time. */
const CHANGE_MS = 10;

export const requestAttacks: readonly Attack[] = [
  {
    name: "message-pack-bombs",
    section: 1,
    about: "Anonymous frames that announce four billion elements, or nest 30,000 arrays.",
    run(attacker) {
      const bombs = [
        // array 32, map 32, str 32, bin 32 and ext 32, each with a length of 2^32 - 1.
        ...[0xdd, 0xdf, 0xdb, 0xc6, 0xc9].map((head) => [head, 0xff, 0xff, 0xff, 0xff, 0x00]),
        new Array<number>(NESTED).fill(0x91),
        new Array<number>(NESTED).fill(0x81),
      ];
      const frames = bombs.map((bytes) => clientFrame(Opcode.BINARY, Uint8Array.from(bytes)));
      return floods(attacker, "/market-data", "MessagePack bombs", frames);
    },
  },
  {
    name: "wrong-logins",
    section: 1,
    about: "Eight connections log in with wrong secrets as fast as they can.",
    run(attacker) {
      const params = { api_key: "wk_0000000000000000", api_secret: "0".repeat(64) };
      return floods(attacker, "/orders", "wrong logins", [requestFrame("auth.login", params)]);
    },
  },
  {
    name: "right-logins",
    section: 1,
    about: "A user with the default limits logs in again and again on eight connections.",
    users: ["ordinary"],
    run(attacker) {
      const request = requestFrame("auth.login", attacker.key(0));
      return floods(attacker, "/user-data", "right logins", [request]);
    },
  },
  {
    name: "user-data-resumes",
    section: 1,
    about: "A user with many events asks for all of them again and again on eight connections.",
    users: ["trader", "trader"],
    leavesMuch: true,
    async run(attacker) {
      const trades = await tradeMuch(attacker);
      const request = requestFrame("user_data.resume", { from_seq: 1 });
      const told = await floods(attacker, "/user-data", "resumes of user data", [request], 0);
      return `${told}; ${trades} trades before`;
    },
  },
  {
    name: "patient-resumes",
    section: 1,
    like: "user-data-resumes",
    about: "A user asks for all events on eight connections, and again when all have been read.",
    users: ["trader", "trader"],
    leavesMuch: true,
    async run(attacker) {
      const trades = await tradeMuch(attacker);
      let told = 0;
      const resume = async (peer: Peer, onTold: (all: () => void) => void): Promise<void> => {
        while (peer.isOpen && !attacker.isOver) {
          const all = new Promise<void>(onTold);
          const answer = await Promise.race([
            peer.request("user_data.resume", { from_seq: from }),
            attacker.over(),
          ]);
          if (answer?.result !== undefined) {
            await Promise.race([all, attacker.over()]);
            told += 1;
          } else {
            from = Number(answer?.error?.details?.oldest_seq ?? from);
            await Bun.sleep(RETRY_MS);
          }
        }
      };
      let from = 1;
      attacker.begin();
      await Promise.all(
        Array.from({ length: LANES }, async () => {
          let last = "";
          let onAll: () => void = () => undefined;
          const onMessage = (payload: Buffer): void => {
            const text = payload.toString("latin1", 0, 160);
            const lastSeq = /"last_seq":(\d+)/.exec(text)?.[1];
            if (lastSeq !== undefined) last = `"seq":${lastSeq},`;
            else if (last !== "" && text.includes(last)) onAll();
          };
          const open = (): Promise<Peer> => attacker.login(0, "/user-data", { onMessage });
          await attacker.persist(open, (peer) =>
            resume(peer, (all) => {
              onAll = all;
            }),
          );
        }),
      );
      return `all events were read ${told} times, after ${trades} trades`;
    },
  },
  {
    name: "user-data-crowd",
    section: 1,
    about:
      "A user with the default limits reads user data on 3,000 connections, and places batches of 100 orders.",
    users: ["ordinary"],
    async run(attacker) {
      const count = attacker.count(LISTENERS, LISTENERS_MIN);
      const listeners: Peer[] = [];
      while (listeners.length < count && !attacker.isLate) {
        listeners.push(await attacker.login(0, "/user-data"));
      }
      using peer = await attacker.login(0);
      const symbol = attacker.symbol(0);
      const order = { symbol, side: "BUY", type: "LIMIT", time_in_force: "IOC", quantity: 1 };
      const orders = Array.from({ length: BATCH_ORDERS }, () => ({ ...order, price: 1 }));
      attacker.begin();
      const batch = requestFrame("order.batch", { orders });
      let batches = 0;
      await attacker.every(BATCH_MS, peer, () => {
        peer.write(batch);
        batches++;
      });
      for (const listener of listeners) listener[Symbol.dispose]();
      return `${batches} batches of ${BATCH_ORDERS} orders, with ${listeners.length} connections that read`;
    },
  },
  {
    name: "market-data-crowd",
    section: 1,
    like: "user-data-crowd",
    about: "3,000 anonymous connections read a book that a user changes 100 times a second.",
    users: ["ordinary"],
    async run(attacker) {
      const count = attacker.count(LISTENERS, LISTENERS_MIN);
      const symbol = attacker.symbol(0);
      const listeners: Peer[] = [];
      while (listeners.length < count && !attacker.isLate) {
        const listener = await attacker.open("/market-data");
        const topics = { channels: ["book"], symbols: [symbol] };
        // When the rate limit of the address is used up, a later try succeeds.
        while (!attacker.isLate && "error" in (await listener.request("subscribe", topics)))
          await Bun.sleep(RETRY_MS);
        listeners.push(listener);
      }
      using peer = await attacker.login(0);
      const bid = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
      const { result } = await peer.request("order.place", bid);
      attacker.begin();
      let changes = 0;
      await attacker.every(CHANGE_MS, peer, (round) => {
        const change = { order_id: result?.order_id, price: 1 + (round % 2) };
        peer.write(requestFrame("order.amend", change));
        changes++;
      });
      for (const listener of listeners) listener[Symbol.dispose]();
      return `${changes} changes of a book, with ${listeners.length} connections that read`;
    },
  },
  {
    name: "depth-resumes",
    section: 1,
    like: "user-data-resumes",
    about: "A user asks for all changes of a book again and again on eight connections.",
    users: ["trader", "trader"],
    leavesMuch: true,
    run: (attacker) => resumeDepth(attacker, DEPTH_CHANGES, 500),
  },
  {
    name: "deep-resumes",
    section: 1,
    like: "depth-resumes",
    about: "The same with 60,000 changes.",
    users: ["trader"],
    leavesMuch: true,
    run(attacker) {
      const count = attacker.count(DEEP_CHANGES, DEEP_CHANGES_MIN);
      return resumeDepth(attacker, count, count);
    },
  },
  {
    name: "histories",
    section: 1,
    about:
      "A user asks for the longest pages of candles, trades, fills and orders as fast as possible.",
    users: ["trader", "trader"],
    leavesMuch: true,
    async run(attacker) {
      await tradeMuch(attacker);
      const symbol = attacker.symbol(0);
      const limit = ROWS_MAX;
      const requests = [
        requestFrame("orders.history", { limit }),
        requestFrame("account.trades", { limit }),
        requestFrame("orders.open", { limit }),
      ];
      const market = [
        requestFrame("candles.list", { symbol, interval: "1m", limit }),
        requestFrame("trades.recent", { symbol, limit }),
        requestFrame("book.snapshot", { symbol, levels: limit }),
      ];
      const [mine] = await Promise.all([
        floods(attacker, "/orders", "pages of orders and market data", requests, 0),
        floods(attacker, "/market-data", "", market),
      ]);
      return mine;
    },
  },
  {
    name: "wide-positions",
    section: 1,
    like: "histories",
    about:
      "A user with the default limits and shares of every symbol asks for positions and equity as fast as possible.",
    users: ["ordinary"],
    async run(attacker) {
      const { symbols } = attacker.plan;
      await attacker.deposit(0, Object.fromEntries(symbols.map((symbol) => [symbol, 10])));
      const requests = [
        requestFrame("account.positions", {}),
        requestFrame("account.equity", { interval: "1m", limit: 1 }),
      ];
      return floods(attacker, "/orders", "positions and equity", requests, 0);
    },
  },
];

/** User 0 changes a book `changes` times at `prices` prices, and asks for all changes again and again. */
async function resumeDepth(attacker: Attacker, changes: number, prices: number): Promise<string> {
  const symbol = attacker.symbol(0);
  using peer = await attacker.login(0);
  // The exchange keeps changes while somebody is subscribed.
  using watcher = await attacker.login(0, "/market-data");
  await watcher.request("subscribe", { channels: ["depth"], symbols: [symbol] });
  const bid = { symbol, side: "BUY", type: "LIMIT", quantity: 1 };
  const placed = await attacker.place(peer, changes, (n) => ({ ...bid, price: 1 + (n % prices) }));
  const request = requestFrame("depth.resume", { symbol, from_seq: 1 });
  const told = await floods(attacker, "/market-data", "resumes of depth", [request], 0);
  return `${told}; ${placed} changes before`;
}

/** User 0 trades with user 1, so that histories and streams are long. Returns the number of trades. */
async function tradeMuch(attacker: Attacker): Promise<number> {
  using seller = await attacker.login(1);
  using buyer = await attacker.login(0);
  const count = attacker.count(TRADES * 20, TRADES);
  const order = { symbol: attacker.symbol(0), type: "LIMIT", quantity: 1, price: PRICE };
  await attacker.place(seller, count, () => ({ ...order, side: "SELL" }));
  const bought = await attacker.place(buyer, count, () => ({ ...order, side: "BUY" }));
  if (bought < count) attacker.fault(`only ${bought} of ${count} orders traded`);
  return bought;
}

/** Eight connections send the requests in turn as fast as possible, as user `user` or anonymously. */
async function floods(
  attacker: Attacker,
  path: Path,
  what: string,
  requests: readonly Uint8Array[],
  user?: number,
): Promise<string> {
  attacker.begin();
  const open = (): Promise<Peer> =>
    user === undefined ? attacker.open(path) : attacker.login(user, path);
  let chunks = 0;
  const act = async (peer: Peer): Promise<void> => {
    while (peer.isOpen && !attacker.isOver) {
      const request = requests[chunks++ % requests.length];
      if (request === undefined) return;
      peer.write(repeated(request, Math.min(CHUNK_BYTES, 100 * request.length)));
      await Promise.race([peer.drained(), attacker.over()]);
      await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: LANES }, () => attacker.persist(open, act)));
  return `${chunks} bursts of ${what} in ${attacker.elapsedSeconds.toFixed(1)} s over ${LANES} connections`;
}
