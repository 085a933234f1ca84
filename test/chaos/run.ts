/**
 * The exchange is killed, clients are dropped, and the network between them loses all packets of one
 * direction or both for a while. At the end three things must hold: every client's books equal the
 * exchange's, every account received the stream that the journal gives, and no order was placed twice.
 */
import { join } from "node:path";
import { eventsOf, resume } from "../integration/account-events.ts";
import { textOf } from "../integration/depth-book.ts";
import { freePort } from "../integration/free-port.ts";
import { SeededRandom } from "../integration/load-generator.ts";
import { AS_OPERATORS_DO } from "../integration/server-process.ts";
import { type User, Venue } from "../integration/venue.ts";
import { lines } from "./lines.ts";
import { type Direction, TestNetwork } from "./network.ts";
import type { ChaosEnds, ChaosPlan, ChaosReport, HeardAccount } from "./plan.ts";

const TRADERS = 4;
const READERS = 4;
const SYMBOLS = 3;
const ALL_LEVELS = 1000;
const DIRECTIONS: readonly Direction[] = ["to-clients", "to-server"];
/** The server gives up a silent peer after twice this time. */
const HEARTBEAT_SECONDS = 2;
const BEATS_PER_SECOND = 10;
const BEAT = "beat";

export interface ChaosSummary {
  kills: number;
  cuts: number;
  changes: number;
  events: number;
  orders: number;
  dropped: number;
  silent: number;
  closed: number;
  resumed: number;
  begunAnew: number;
  ordersSentAgain: number;
}

/** Rejects with a list of every promise that was broken. */
export async function runChaos(seconds: number, seed: number): Promise<ChaosSummary> {
  using network = new TestNetwork();
  const random = new SeededRandom(seed);
  await using venue = await Venue.open({
    // A fixed port, so that it is the same after each start.
    port: freePort(),
    program: AS_OPERATORS_DO,
    config: `[gateway]\nhost = "0.0.0.0"\nheartbeat_interval = ${HEARTBEAT_SECONDS}\n`,
  });
  const symbols = Array.from({ length: SYMBOLS }, () => venue.symbol());
  const positions = Object.fromEntries(symbols.map((symbol) => [symbol, 1_000_000]));
  const traders: User[] = [];
  for (let n = 0; n < TRADERS; n++) {
    traders.push(await venue.user({ cash: 1_000_000_000, positions }));
  }
  const url = `ws://${network.server}:${venue.server.port}`;
  const plan: ChaosPlan = { url, symbols, traders, readers: READERS, seed };
  await using clients = await Clients.start(network, plan);
  let kills = 0;
  let cuts = 0;
  const end = seconds * BEATS_PER_SECOND;
  // At least one kill is certain. All cuts may be too short for anybody to notice.
  while (clients.beaten < end || kills === 0) {
    await clients.beats(5 + random.below(25));
    if (random.below(3) === 0) {
      kills++;
      await venue.crash();
      continue;
    }
    cuts++;
    const cut = DIRECTIONS.filter(() => random.below(2) === 0);
    for (const direction of cut) network.cut(direction);
    // Either long enough that both sides give up, or too short for that.
    await clients.beats(random.below(2) === 0 ? 3 : 25 * HEARTBEAT_SECONDS);
    for (const direction of cut) network.heal(direction);
  }

  await clients.ask("stop");
  const ends = await endsOf(venue, symbols, traders);
  const report = JSON.parse(await clients.ask(JSON.stringify(ends))) as ChaosReport;
  const faults = [...report.faults, ...(await booksAstray(venue, report))];
  await venue.crash();
  // After this crash, the exchange tells only what the journal gives.
  for (const [n, trader] of traders.entries()) {
    faults.push(...(await streamAstray(venue, trader, report.accounts[n])));
  }
  if (faults.length > 0) throw new Error(`seed ${seed}:\n${faults.slice(0, 20).join("\n")}`);
  return {
    ...{ kills, cuts },
    changes: report.books.reduce((sum, { last_seq }) => sum + last_seq, 0),
    events: report.accounts.reduce((sum, { events }) => sum + events.length, 0),
    orders: report.accounts.reduce((sum, { orders }) => sum + Object.keys(orders).length, 0),
    ...{ dropped: report.dropped, silent: report.silent, closed: report.closed },
    ...{ resumed: report.resumed, begunAnew: report.begun_anew },
    ordersSentAgain: report.orders_sent_again,
  };
}

async function endsOf(
  venue: Venue,
  symbols: readonly string[],
  traders: readonly User[],
): Promise<ChaosEnds> {
  const books: Record<string, number> = {};
  using client = await venue.open("/market-data");
  for (const symbol of symbols) {
    books[symbol] = Number((await client.result("book.snapshot", { symbol })).seq);
  }
  const accounts: number[] = [];
  for (const trader of traders) {
    using own = await venue.connect("/orders", "json", trader);
    accounts.push(Number((await own.result("account.balances")).seq));
  }
  return { books, accounts };
}

async function booksAstray(venue: Venue, { books }: ChaosReport): Promise<string[]> {
  using client = await venue.open("/market-data");
  const faults: string[] = [];
  if (books.length !== READERS * SYMBOLS) faults.push(`${books.length} books were put together`);
  for (const { symbol, last_seq, text } of books) {
    const book = await client.result("book.snapshot", { symbol, levels: ALL_LEVELS });
    if (last_seq !== Number(book.seq)) faults.push(`${symbol}: ${last_seq}, not ${book.seq}`);
    if (text !== textOf(book)) faults.push(`${symbol}: another book than the exchange's`);
  }
  return faults;
}

async function streamAstray(
  venue: Venue,
  user: User,
  heard: HeardAccount | undefined,
): Promise<string[]> {
  if (heard === undefined || heard.events.length === 0)
    return [`${user.account_id}: heard nothing`];
  const { first_seq, events, orders } = heard;
  using client = await venue.connect("/user-data", "json", user);
  await client.until(() => client.pushes.length > 0, "the snapshot");
  const last = Number(client.of("user_data")[0]?.seq);
  const faults: string[] = [];
  if (last !== first_seq + events.length - 1) {
    faults.push(`${user.account_id}: heard up to ${first_seq + events.length - 1}, not ${last}`);
  }
  const told = await resume(client, first_seq, last);
  const other = told.findIndex((event, n) => JSON.stringify(event) !== events[n]);
  if (other >= 0) faults.push(`${user.account_id}: event ${first_seq + other} was told otherwise`);
  // Every acknowledged order exists, under exactly one number.
  const placed = new Map<string, string>();
  for (const { event, client_order_id, order_id } of [...told, ...eventsOf(client)]) {
    if (event !== "order" || client_order_id === undefined) continue;
    const before = placed.get(String(client_order_id));
    if (before !== undefined && before !== order_id)
      faults.push(`${client_order_id} was placed twice`);
    placed.set(String(client_order_id), String(order_id));
  }
  for (const [id, order] of Object.entries(orders)) {
    if (placed.get(id) !== order) faults.push(`${id}: ${order} was acknowledged, and is not there`);
  }
  return faults;
}

class Clients implements AsyncDisposable {
  /** How many beats the clients have sent. */
  beaten = 0;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;

  private constructor(command: string[]) {
    this.#child = Bun.spawn(command, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = lines(this.#child.stdout);
  }

  static async start(network: TestNetwork, plan: ChaosPlan): Promise<Clients> {
    const program = [process.execPath, "--no-orphans", join(import.meta.dir, "client.ts")];
    const clients = new Clients([...network.inside, ...program]);
    await clients.ask(JSON.stringify(plan));
    return clients;
  }

  /** Settles after `count` beats. There are ten a second. */
  async beats(count: number): Promise<void> {
    const end = this.beaten + count;
    while (this.beaten < end) await this.#line();
  }

  /** Sends a line and returns the answer. */
  async ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    await this.#child.stdin.flush();
    for (;;) {
      const answer = await this.#line();
      if (answer !== BEAT) return answer;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the clients ended with ${await this.#child.exited}`);
    if (value === BEAT) this.beaten++;
    return value;
  }
}
