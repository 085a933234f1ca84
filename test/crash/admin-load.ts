/** An operator who works until the exchange is killed: deposits and new users, one after another. */
import type { LoadTrader, SeededRandom, Totals } from "../integration/load-generator.ts";
import { add } from "../integration/load-generator.ts";
import type { ServerProcess } from "../integration/server-process.ts";
import type { User, Venue } from "../integration/venue.ts";

/** A user whose creation the exchange acknowledged, with its cash. */
export interface Newcomer {
  readonly user: User;
  readonly cash: number;
}

export class AdminLoad {
  deposits = 0;
  newcomers: Newcomer[] = [];
  /** The cash of a user whose creation was not answered. It may have been given or not. */
  doubtfulCash = 0;
  readonly #traders: readonly LoadTrader[];
  readonly #symbols: readonly string[];
  readonly #random: SeededRandom;

  constructor(traders: readonly LoadTrader[], symbols: readonly string[], random: SeededRandom) {
    this.#traders = traders;
    this.#symbols = symbols;
    this.#random = random;
  }

  /** Works until the exchange is gone. A refusal before that is an error. */
  async run(server: ServerProcess): Promise<void> {
    let goesOn = true;
    while (goesOn) goesOn = await this.#work(server);
  }

  #work(server: ServerProcess): Promise<boolean> {
    return this.#random.below(5) === 0 ? this.#createUser(server) : this.#deposit(server);
  }

  async #deposit(server: ServerProcess): Promise<boolean> {
    const random = this.#random;
    const trader = this.#traders[random.below(this.#traders.length)];
    const symbol = this.#symbols[random.below(this.#symbols.length)];
    if (trader === undefined || symbol === undefined) throw new Error("nobody to deposit for");
    const amount: Totals = { cash: 0, shares: new Map() };
    if (random.below(2) === 0) add(amount, 1 + random.below(50), symbol, 0);
    else add(amount, 0, symbol, 1 + random.below(5));
    trader.doubtful = amount;
    const { cash, shares } = amount;
    const path = `/accounts/${trader.user.account_id}/deposit`;
    const body = { cash, positions: Object.fromEntries(shares) };
    if ((await answered(server, path, body)) === undefined) return false;
    trader.doubtful = undefined;
    trader.deposited.cash += cash;
    for (const [name, count] of shares) add(trader.deposited, 0, name, count);
    this.deposits++;
    return true;
  }

  async #createUser(server: ServerProcess): Promise<boolean> {
    const cash = 1 + this.#random.below(100);
    this.doubtfulCash = cash;
    const user = await answered(server, "/users", { name: "a newcomer", cash });
    if (user === undefined) return false;
    this.doubtfulCash = 0;
    this.newcomers.push({ user: user as User, cash });
    return true;
  }
}

/** Compares acknowledged users with what the exchange knows now, and returns the differences. */
export async function findLostNewcomers(
  venue: Venue,
  newcomers: readonly Newcomer[],
): Promise<string[]> {
  const faults = newcomers.map(async ({ user, cash }) => {
    using client = await venue.connect("/orders", "json", user);
    const balances = await client.result("account.balances");
    const held = { available: cash, reserved: 0, total: cash };
    return Bun.deepEquals(balances.cash, held)
      ? []
      : [`${user.user_id} was given ${cash} and has ${JSON.stringify(balances)}`];
  });
  return (await Promise.all(faults)).flat();
}

/** The answer of a call that must succeed; undefined if the exchange ended before it answered. */
async function answered(server: ServerProcess, path: string, body: object): Promise<unknown> {
  const reply = await server.admin("POST", path, body).catch(() => undefined);
  if (reply === undefined) return undefined;
  if (reply.status < 300) return reply.body;
  throw new Error(`POST ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
}
