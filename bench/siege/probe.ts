/** Tests whether the exchange still trades: it places an offer at a new price, and a bid that takes it. */
import { Peer } from "./peer.ts";
import type { SiegeUser } from "./plan.ts";
import { Tally } from "./tally.ts";

const PATIENCE_MS = 5_000;
/** Each probe uses a new price, so that it needs a new level in the book. */
const PRICE_STEP = 1_000;

export class Probe {
  readonly #port: number;
  readonly #seller: SiegeUser;
  readonly #buyer: SiegeUser;
  readonly #symbols: readonly string[];
  #rounds = 0;

  constructor(port: number, seller: SiegeUser, buyer: SiegeUser, symbols: readonly string[]) {
    this.#port = port;
    this.#seller = seller;
    this.#buyer = buyer;
    this.#symbols = symbols;
  }

  /** Tries to trade. Returns why that failed; undefined if there was a trade. */
  async fault(): Promise<string | undefined> {
    const timeout = Bun.sleep(PATIENCE_MS).then(() => "no answer in time");
    const trade = this.#trade().catch((error) => String(error));
    return Promise.race([trade, timeout]);
  }

  async #trade(): Promise<string | undefined> {
    this.#rounds += 1;
    const order = {
      symbol: this.#symbols[this.#rounds % this.#symbols.length],
      type: "LIMIT",
      price: PRICE_STEP * this.#rounds,
      quantity: 1,
    };
    const offer = await this.#place(this.#seller, { ...order, side: "SELL" });
    if (offer !== "ACCEPTED") return `an offer at a new price: ${offer}`;
    const bid = await this.#place(this.#buyer, { ...order, side: "BUY", time_in_force: "IOC" });
    return bid === "FILLED" ? undefined : `a bid that meets it: ${bid}`;
  }

  /** Places an order. Returns its status, or the answer if it has none. */
  async #place({ api_key, api_secret }: SiegeUser, order: object): Promise<unknown> {
    using peer = await Peer.open({ port: this.#port, path: "/orders", tally: new Tally() });
    const login = await peer.request("auth.login", { api_key, api_secret });
    if (login.result === undefined) return `login ${JSON.stringify(login)}`;
    const answer = await peer.request("order.place", order);
    return answer.result?.status ?? JSON.stringify(answer);
  }
}
