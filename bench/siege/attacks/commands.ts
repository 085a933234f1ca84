/** Attacks with commands that are cheap to send and cause much work in the matching core. */
import { repeated } from "../../load/client-frames.ts";
import type { Attack } from "../attack.ts";
import { type Attacker, type Order, requestFrame } from "../attacker.ts";
import { collidingIds } from "../colliding-ids.ts";
import type { Peer } from "../peer.ts";

const AUCTION_ORDERS = 50_000;
const AUCTION_ORDERS_MIN = 10_000;
const COLLIDING_IDS = 131_072;
const COLLIDING_IDS_MIN = 10_000;
const RESTING_ORDERS = 100_000;
const RESTING_ORDERS_MIN = 20_000;
const STOPS = 1_000;
const QUANTITY_MAX = 0x7fff_ffff;
const PRICE = 1_000;
const EVERY_MS = 10;
/** As many cancels as the default limits allow in `EVERY_MS`. */
const CANCELS_AT_ONCE = 10;

export const commandAttacks: readonly Attack[] = [
  {
    name: "own-auction",
    section: 3,
    about: "An auction in which 50,000 orders of one user meet one order of the same user.",
    users: ["rich"],
    leavesMuch: true,
    async run(attacker) {
      using peer = await attacker.login(0);
      const symbol = attacker.symbol(0);
      await attacker.operate(symbol, "pre-open");
      const count = attacker.count(AUCTION_ORDERS, AUCTION_ORDERS_MIN);
      const order = { symbol, type: "LIMIT" };
      // The bid is the oldest order and meets all offers. Each offer has another price, and is cancelled when it is met.
      const bid: Order = { ...order, side: "BUY", price: PRICE + count, quantity: count };
      await attacker.place(peer, 1, () => bid);
      const offer: Order = { ...order, side: "SELL", quantity: 1 };
      const placed = await attacker.place(peer, count, (n) => ({ ...offer, price: PRICE + n }));
      await attacker.operate(symbol, "auction");
      attacker.begin();
      await attacker.operate(symbol, "resume");
      await attacker.over();
      return `an auction of ${placed} own offers and one own bid for all of them`;
    },
  },
  {
    name: "colliding-ids",
    section: 3,
    about:
      "A user gives 131,072 orders client order ids whose unkeyed hash is the same, then cancels unknown ones.",
    users: ["rich"],
    leavesMuch: true,
    async run(attacker) {
      using peer = await attacker.login(0);
      const count = attacker.count(COLLIDING_IDS, COLLIDING_IDS_MIN);
      const account = Number(attacker.user(0).account_id.slice("acc_".length));
      const unknown = 1000;
      const ids = collidingIds(account, count + unknown, attacker.random);
      const ioc = {
        symbol: attacker.symbol(0),
        side: "BUY",
        type: "LIMIT",
        time_in_force: "IOC",
        price: 1,
        quantity: 1,
      };
      attacker.begin();
      const placed = await attacker.place(peer, count, (n) => ({
        ...ioc,
        client_order_id: ids[n],
      }));
      let cancelled = 0;
      const end = attacker.elapsedSeconds + attacker.plan.seconds;
      while (peer.isOpen && cancelled < unknown && attacker.elapsedSeconds < end) {
        await peer.request("order.cancel", { client_order_id: ids[count + cancelled] });
        cancelled += 1;
      }
      return `${placed} orders sent with ids of one hash, ${cancelled} cancels of unknown ones`;
    },
  },
  {
    name: "poor-markets",
    section: 3,
    about:
      "A user without money sends market orders for 2^31-1 shares, 100 a second, to a book with 100,000 offers.",
    users: ["rich", "poor"],
    leavesMuch: true,
    async run(attacker) {
      const symbol = attacker.symbol(0);
      const resting = await restingOffers(attacker, symbol);
      const market = { symbol, side: "BUY", type: "MARKET", quantity: QUANTITY_MAX };
      return steadily(attacker, 1, market, `market orders without money against ${resting} offers`);
    },
  },
  {
    name: "own-fill-or-kill",
    section: 3,
    like: "fok-stops",
    about:
      "A user with 100,000 offers sends 100 FOK orders a second that meet only these own offers.",
    users: ["rich"],
    leavesMuch: true,
    async run(attacker) {
      const symbol = attacker.symbol(0);
      const resting = await restingOffers(attacker, symbol);
      const price = PRICE + resting;
      const fok = {
        symbol,
        side: "BUY",
        type: "LIMIT",
        price,
        quantity: 1,
        time_in_force: "FOK",
        // The only rule that goes on after the first own order.
        self_trade_prevention: "CANCEL_OLDEST",
      };
      return steadily(attacker, 0, fok, `FOK orders against ${resting} own offers`);
    },
  },
  {
    name: "fok-stops",
    section: 3,
    about:
      "One trade triggers 1,000 FOK stops, each for more than the 100,000 resting orders offer.",
    users: ["rich", "rich"],
    leavesMuch: true,
    async run(attacker) {
      const symbol = attacker.symbol(0);
      const resting = await restingOffers(attacker, symbol);
      using peer = await attacker.login(1);
      const stop = {
        symbol,
        side: "BUY",
        type: "STOP_LIMIT",
        stop_price: PRICE,
        price: PRICE + resting,
        quantity: resting + 1,
        time_in_force: "FOK",
      };
      const stops = await attacker.place(peer, STOPS, () => stop);
      attacker.begin();
      const take = { symbol, side: "BUY", type: "LIMIT", price: PRICE, quantity: 1 };
      await attacker.place(peer, 1, () => take);
      await attacker.over();
      return `${stops} FOK stops triggered, against ${resting} offers`;
    },
  },
  {
    name: "cancels-of-none",
    section: 3,
    about:
      "A user with 100,000 open orders cancels all orders of a symbol without own orders, as often as the limits allow.",
    users: ["trader"],
    leavesMuch: true,
    async run(attacker) {
      using peer = await attacker.login(0);
      const count = attacker.count(RESTING_ORDERS, RESTING_ORDERS_MIN);
      const bid = { symbol: attacker.symbol(0), side: "BUY", type: "LIMIT", quantity: 1 };
      const placed = await attacker.place(peer, count, (n) => ({ ...bid, price: 1 + (n % 500) }));
      const cancelAll = requestFrame("order.cancel_all", { symbol: attacker.symbol(1) });
      attacker.begin();
      let sent = 0;
      await attacker.every(EVERY_MS, peer, () => {
        peer.write(repeated(cancelAll, CANCELS_AT_ONCE * cancelAll.length));
        sent += CANCELS_AT_ONCE;
      });
      return `${placed} orders, and ${sent} requests to cancel all orders of another symbol`;
    },
  },
];

/** User 0 places offers of one share with prices a cent apart. Returns how many. */
async function restingOffers(attacker: Attacker, symbol: string): Promise<number> {
  using peer = await attacker.login(0);
  const offer = { symbol, side: "SELL", type: "LIMIT", quantity: 1 };
  const count = attacker.count(RESTING_ORDERS, RESTING_ORDERS_MIN);
  // Further offers use the same prices again.
  const prices = 60_000;
  return await attacker.place(peer, count, (n) => ({ ...offer, price: PRICE + (n % prices) }));
}

/** User `n` sends the same order every 10 ms. */
async function steadily(
  attacker: Attacker,
  n: number,
  order: Order,
  what: string,
): Promise<string> {
  attacker.begin();
  let sent = 0;
  const open = (): Promise<Peer> => attacker.login(n);
  await attacker.persist(open, (peer) =>
    attacker.every(EVERY_MS, peer, () => {
      void peer.request("order.place", order);
      sent += 1;
    }),
  );
  return `${sent} ${what}`;
}
