/** Attacks with peers that are gone although their connection is still open. */
import type { Attack } from "../attack.ts";
import type { Attacker } from "../attacker.ts";
import type { Peer } from "../peer.ts";

const PRICE = 500;
const FILL_EVERY_MS = 100;
/** The server pings after one heartbeat interval and closes after two. The third one allows for coarse timers. */
const HEARTBEATS = 3;
const HALF_CLOSED_ORDERS = 200;

export const gonePeerAttacks: readonly Attack[] = [
  {
    name: "mute-peer",
    section: 6,
    about:
      "A peer gets pushes but answers no ping: the server must close it and cancel its orders.",
    users: ["rich", "rich"],
    async run(attacker) {
      const symbol = attacker.symbol(0);
      using mute = await attacker.open("/user-data", { answersPings: false });
      const login = { ...attacker.key(0), cancel_on_disconnect: true };
      const { result } = await mute.request("auth.login", login);
      if (result === undefined) throw new Error("no login with cancel_on_disconnect");
      await offer(attacker, symbol);
      using taker = await attacker.login(1);
      attacker.begin();
      const { heartbeatSeconds, isTimed, secondsMax } = attacker.plan;
      const patience = isTimed ? HEARTBEATS * heartbeatSeconds : secondsMax;
      const fills = await fillUntilClosed(attacker, mute, taker, symbol, patience);
      const seconds = attacker.elapsedSeconds.toFixed(1);
      const fate = mute.isOpen ? "still open" : "closed";
      if (mute.isOpen) attacker.fault(`a mute peer was still open after ${seconds} s`);
      if (await takes(taker, symbol)) attacker.fault("a mute peer's order was filled at the end");
      return `the order of a mute peer was filled ${fills} times; the peer was ${fate} after ${seconds} s`;
    },
  },
  {
    name: "half-close",
    section: 6,
    about:
      "A peer sends 200 orders and half-closes its connection: the fate of every order must be known, and none stay open.",
    users: ["rich"],
    async run(attacker) {
      const order = {
        symbol: attacker.symbol(0),
        side: "BUY",
        type: "LIMIT",
        price: 1,
        quantity: 1,
      };
      using peer = await attacker.open("/orders");
      await peer.request("auth.login", { ...attacker.key(0), cancel_on_disconnect: true });
      attacker.begin();
      const answers = Array.from({ length: HALF_CLOSED_ORDERS }, (_, n) =>
        peer.request("order.place", { ...order, client_order_id: `half-${n}` }),
      );
      await peer.drained();
      peer.halfClose();
      const settled = await Promise.all(answers);
      const answered = settled.filter(({ closed }) => closed === undefined).length;
      const taken = await fateOf(attacker, answered);
      return `${answers.length} orders, then a half-close: ${answered} answered, ${taken} accepted and all of them cancelled`;
    },
  },
];

/**
 * How many orders of the half-closed peer the exchange accepted. They must be the first ones, include all that were
 * answered, and none may be open.
 */
async function fateOf(attacker: Attacker, answered: number): Promise<number> {
  using peer = await attacker.login(0);
  while (await hasOpenOrders(peer)) {
    if (attacker.isLate || !peer.isOpen) {
      attacker.fault("orders of a half-closed peer are still open");
      break;
    }
  }
  const taken: boolean[] = [];
  for (let n = 0; n < HALF_CLOSED_ORDERS; n++) {
    const { result } = await peer.request("order.status", { client_order_id: `half-${n}` });
    taken.push(result !== undefined);
  }
  const count = taken.filter(Boolean).length;
  if (taken.indexOf(false) !== (count < taken.length ? count : -1)) {
    attacker.fault("an order of a half-closed peer was accepted although an earlier one was not");
  }
  if (count < answered) attacker.fault(`${answered} orders were answered and ${count} are known`);
  return count;
}

async function hasOpenOrders(peer: Peer): Promise<boolean> {
  const { result } = await peer.request("orders.open");
  return !Array.isArray(result?.orders) || result.orders.length > 0;
}

/** Another connection of the mute peer's user places an offer. */
async function offer(attacker: Attacker, symbol: string): Promise<void> {
  using peer = await attacker.login(0);
  const order = { symbol, side: "SELL", type: "LIMIT", price: PRICE, quantity: 10_000 };
  const { result } = await peer.request("order.place", order);
  if (result === undefined) throw new Error("the mute peer's offer was refused");
}

/** Buys a share again and again, so that the mute peer gets pushes. Returns how many orders were filled. */
async function fillUntilClosed(
  attacker: Attacker,
  mute: Peer,
  taker: Peer,
  symbol: string,
  secondsMax: number,
): Promise<number> {
  let fills = 0;
  while (mute.isOpen && taker.isOpen && attacker.elapsedSeconds < secondsMax) {
    if (await takes(taker, symbol)) fills += 1;
    await Bun.sleep(FILL_EVERY_MS);
  }
  return fills;
}

async function takes(taker: Peer, symbol: string): Promise<boolean> {
  const { result } = await taker.request("order.place", {
    symbol,
    side: "BUY",
    type: "LIMIT",
    time_in_force: "IOC",
    price: PRICE,
    quantity: 1,
  });
  return result?.status === "FILLED";
}
