/** Attacks that fill tables that all users share. The probe finds out whether others still have room. */
import type { Attack } from "../attack.ts";
import type { Answer, Peer } from "../peer.ts";

/** A few more than the ladder has pages. */
const FAR_STOPS = 65_600;
/** Prices of one page of the ladder. */
const PAGE_PRICES = 256;
const PENNY_BIDS = 2_097_151;
const PENNY_BIDS_MIN = 50_000;
const HISTORY_ORDERS = 1_048_576;
const HISTORY_ORDERS_MIN = 50_000;
const CAPACITY = "40910";
/** Done orders of a user who takes no part in the attack. */
const BYSTANDER_ORDERS = 50;

export const tableAttacks: readonly Attack[] = [
  {
    name: "far-stops",
    section: 2,
    about: "A user places 65,600 STOP_LIMIT orders of a cent with stop prices 256 apart.",
    users: ["rich"],
    leavesMuch: true,
    async run(attacker) {
      using peer = await attacker.login(0);
      attacker.begin();
      const placed = await attacker.place(peer, FAR_STOPS, (n) => ({
        symbol: attacker.symbol(Math.floor(n / PAGE_PRICES)),
        side: "BUY",
        type: "STOP_LIMIT",
        price: 1,
        stop_price: (1 + (n % PAGE_PRICES)) * PAGE_PRICES,
        quantity: 1,
      }));
      return `${placed} STOP_LIMIT orders sent, stop prices ${PAGE_PRICES} apart`;
    },
  },
  {
    name: "penny-bids",
    section: 2,
    like: "far-stops",
    about: "A user bids one cent for one share until the table of orders is full.",
    users: ["rich"],
    leavesMuch: true,
    async run(attacker) {
      using peer = await attacker.login(0);
      const count = attacker.count(PENNY_BIDS, PENNY_BIDS_MIN);
      const bid = { symbol: attacker.symbol(0), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
      attacker.begin();
      const placed = await attacker.place(peer, count, () => bid, isFull);
      return `${placed} bids of a cent sent`;
    },
  },
  {
    name: "history-flood",
    section: 2,
    about:
      "A user places 1,048,576 IOC orders that cost nothing; a bystander's done orders must stay.",
    users: ["rich", "rich"],
    leavesMuch: true,
    async run(attacker) {
      const ioc = {
        symbol: attacker.symbol(0),
        side: "BUY",
        type: "LIMIT",
        time_in_force: "IOC",
        price: 1,
        quantity: 1,
      };
      using bystander = await attacker.login(1);
      await attacker.place(bystander, BYSTANDER_ORDERS, () => ioc);
      const before = await historyLength(bystander);
      using peer = await attacker.login(0);
      attacker.begin();
      const placed = await attacker.place(
        peer,
        attacker.count(HISTORY_ORDERS, HISTORY_ORDERS_MIN),
        () => ioc,
      );
      const after = await historyLength(bystander);
      if (after < before)
        attacker.fault(`a bystander's history went from ${before} to ${after} orders`);
      return `${placed} IOC orders sent; a bystander has ${after} of ${before} done orders`;
    },
  },
];

function isFull({ result }: Answer): boolean {
  return JSON.stringify(result ?? {}).includes(`"code":${CAPACITY}`);
}

async function historyLength(peer: Peer): Promise<number> {
  const { result } = await peer.request("orders.history", { limit: BYSTANDER_ORDERS });
  return Array.isArray(result?.orders) ? result.orders.length : 0;
}
