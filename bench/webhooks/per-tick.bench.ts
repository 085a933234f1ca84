/**
 * `bun bench/webhooks/per-tick.bench.ts [--short] [--dir DIR]`: what webhooks cost the exchange's main thread when all
 * accounts trade. Four exchanges take the same orders in turns. One has no webhooks. In the others, the webhooks lead
 * to a port without a listener, to a receiver that never answers, and to one that answers.
 *
 * Then the bench measures the cost of a single post. There are more events than may be posted in a second, so posts go
 * on after the last order. All costs are processor time of the thread, from Linux's scheduler.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readBenchOptions } from "../bench-options.ts";
import { median, rounded } from "../figures.ts";
import { createLoadUser, loadSymbols, ticksTotal } from "../load/exchange-admin.ts";
import type { LoadUser } from "../load/plan.ts";
import { type ServerProcess, startBareServer, startExchange } from "../load/server-process.ts";

const { short, parentDir } = readBenchOptions();
const ACCOUNTS = short ? 20 : 100;
const PHASES = short ? 2 : 5;
/** Orders of each account in a phase. */
const ORDERS = short ? 2 : 400;
/** How long the posts are counted that go on after the last order. */
const POSTING_S = short ? 0.3 : 3;
/** A port without a listener. */
const CLOSED_PORT = 1;

const KINDS = ["none", "down", "silent", "answered"] as const;
type Kind = (typeof KINDS)[number];

/** Connections that are logged in to an exchange, and buy from one large offer in it. */
class Takers {
  readonly #sockets: WebSocket[] = [];
  #missing = 0;
  #done: () => void = () => undefined;

  constructor(
    readonly exchange: ServerProcess,
    readonly symbol: string,
  ) {}

  async add({ api_key, api_secret }: LoadUser): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.exchange.port}/orders`);
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    socket.onmessage = () => {
      if (--this.#missing === 0) this.#done();
    };
    this.#sockets.push(socket);
    await this.#all([socket], "auth.login", { api_key, api_secret });
  }

  /** Every connection buys one share, all at the same time. Resolves when all orders are answered. */
  trade(): Promise<void> {
    return this.#all(this.#sockets, "order.place", {
      ...{ symbol: this.symbol, side: "BUY", type: "LIMIT", time_in_force: "IOC" },
      ...{ price: 100, quantity: 1 },
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #all(sockets: readonly WebSocket[], method: string, params: object): Promise<void> {
    const frame = JSON.stringify({ id: 1, method, params });
    this.#missing = sockets.length;
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    for (const socket of sockets) socket.send(frame);
    return done;
  }
}

async function ask(port: number, user: LoadUser, path: string, body: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method: "POST",
    headers: {
      "X-API-KEY": user.api_key,
      "X-API-SECRET": user.api_secret,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

async function prepare(exchange: ServerProcess, kind: Kind, receiver: number): Promise<Takers> {
  const symbols = await loadSymbols(exchange.port, 1);
  const symbol = symbols[0] as string;
  const maker = await createLoadUser(exchange, "maker", symbols);
  const offer = { symbol, side: "SELL", type: "LIMIT", price: 100, quantity: 100_000_000 };
  await ask(exchange.port, maker, "/orders", offer);
  const takers = new Takers(exchange, symbol);
  for (let i = 0; i < ACCOUNTS; i++) {
    const user = await createLoadUser(exchange, `taker ${i}`, symbols);
    if (kind !== "none") {
      const port = kind === "down" ? CLOSED_PORT : receiver;
      await ask(exchange.port, user, "/webhooks", { url: `http://127.0.0.1:${port}/${kind}` });
    }
    await takers.add(user);
  }
  return takers;
}

/** Processor time of a process's main thread so far, in nanoseconds. */
const threadTime = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]);

interface Phase {
  thread_ms: number;
  seconds: number;
  ticks: number;
  posts: number;
}

async function measure(takers: Takers, kind: Kind): Promise<Phase> {
  const { port, pid } = takers.exchange;
  // Only this exchange makes posts that are taken, also while other exchanges are measured.
  const posts = async (): Promise<number> => (kind === "answered" ? await postsTaken() : 0);
  const [ticks, posted, start] = [await ticksTotal(port), await posts(), threadTime(pid)];
  const begun = Bun.nanoseconds();
  for (let i = 0; i < ORDERS; i++) await takers.trade();
  const spent = threadTime(pid) - start;
  return {
    thread_ms: spent / 1e6,
    seconds: rounded((Bun.nanoseconds() - begun) / 1e9, 3),
    ticks: ((await ticksTotal(port)) ?? 0) - (ticks ?? 0),
    posts: (await posts()) - posted,
  };
}

// The receiver is on this machine, which webhooks may not reach by default.
process.env.WAIVER_WEBHOOKS__ALLOWED_NETWORKS = "127.0.0.1";
await using stack = new AsyncDisposableStack();
const receiver = stack.use(await startBareServer(join(import.meta.dir, "receiver.ts")));
const takers = new Map<Kind, Takers>();
for (const kind of KINDS) {
  const exchange = stack.use(
    await startExchange({ parentDir, durability: "none", connections: ACCOUNTS }),
  );
  takers.set(kind, await prepare(exchange, kind, receiver.port));
}
const phases: Record<Kind, Phase[]> = { none: [], down: [], silent: [], answered: [] };
// The first phase is a warm-up.
for (let i = 0; i <= PHASES; i++) {
  for (const [kind, own] of takers) {
    const phase = await measure(own, kind);
    if (i > 0) phases[kind].push(phase);
  }
}
const postCosts: number[] = [];
for (let i = 0; i < PHASES; i++) postCosts.push(await costOfPost());
for (const own of takers.values()) own.close();
console.log(
  JSON.stringify({
    bench: "webhooks a tick",
    settings: { accounts: ACCOUNTS, phases: PHASES, orders: ACCOUNTS * ORDERS },
    us_a_post: rounded(median(postCosts), 1),
    webhooks: KINDS.map((kind) => ({
      kind,
      us_an_order: rounded(
        (median(phases[kind].map(({ thread_ms }) => thread_ms)) * 1000) / (ACCOUNTS * ORDERS),
        2,
      ),
      // The ratio to the exchange without webhooks, in each phase.
      ratio: rounded(median(ratios(kind)), 3),
      least_ratio: rounded(Math.min(...ratios(kind)), 3),
      most_ratio: rounded(Math.max(...ratios(kind)), 3),
      seconds: median(phases[kind].map(({ seconds }) => seconds)),
      ticks: median(phases[kind].map(({ ticks }) => ticks)),
      posts: median(phases[kind].map(({ posts }) => posts)),
    })),
  }),
);

/** Microseconds of the thread for a post. The time of the exchange without webhooks is subtracted. */
async function costOfPost(): Promise<number> {
  const { pid: none } = (takers.get("none") as Takers).exchange;
  const { pid: answered } = (takers.get("answered") as Takers).exchange;
  const before = [threadTime(none), threadTime(answered), await postsTaken()];
  await Bun.sleep(POSTING_S * 1000);
  const after = [threadTime(none), threadTime(answered), await postsTaken()];
  const [idle, posting, posts] = after.map((value, i) => value - before[i]);
  return (posting - idle) / 1000 / posts;
}

async function postsTaken(): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${receiver.port}/`)).text());
}

function ratios(kind: Kind): number[] {
  return phases[kind].map(({ thread_ms }, i) => thread_ms / phases.none[i].thread_ms);
}
