/** Whether the exchange still trades: an offer at a price where nobody was, and a bid that takes it. */
import { Peer } from "./peer.ts";
import type { SiegeUser } from "./plan.ts";
import { Tally } from "./tally.ts";

const PATIENCE_MS = 5_000;
/** Prices move on, so that each probe needs a new place in the book. */
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

  /** Why there was no trade; undefined when there was one. */
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

  /** The order's status, or what kept it from having one. */
  async #place({ api_key, api_secret }: SiegeUser, order: object): Promise<unknown> {
    using peer = await Peer.open({ port: this.#port, path: "/orders", tally: new Tally() });
    const login = await peer.request("auth.login", { api_key, api_secret });
    if (login.result === undefined) return `login ${JSON.stringify(login)}`;
    const answer = await peer.request("order.place", order);
    return answer.result?.status ?? JSON.stringify(answer);
  }
}
