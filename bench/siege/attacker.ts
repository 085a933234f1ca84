/** What every attack uses: connections, amounts, the clock, and a count of the answers. */
import { type Random, seededRandom } from "../../src/demo/random.ts";
import { messageFrame } from "../load/client-frames.ts";
import { fetchFrom } from "./connect.ts";
import { jsonLine } from "./json-line.ts";
import { type Answer, type Path, Peer, type PeerOptions, UpgradeRefused } from "./peer.ts";
import type { AttackPlan } from "./plan.ts";
import { Tally } from "./tally.ts";
import { threadTime } from "./thread-time.ts";

export type Order = Readonly<Record<string, unknown>>;

const BATCH_ORDERS = 100;
/** How many batches of one connection may be unanswered. */
const BATCHES_IN_FLIGHT = 8;
/** The pause before the next connection when one was closed or refused. */
const RECONNECT_MS = 20;

export class Attacker {
  readonly tally = new Tally();
  readonly faults: string[] = [];
  readonly random: Random;
  #beganAt = performance.now();
  #threadAtBegin = threadTime();

  constructor(readonly plan: AttackPlan) {
    this.random = seededRandom(plan.seed);
  }

  /** The scaled amount of `full`, at least `min`. */
  count(full: number, min: number): number {
    return Math.max(min, Math.round(full * this.plan.scale));
  }

  symbol(n: number): string {
    const { symbols } = this.plan;
    const symbol = symbols[n % symbols.length];
    if (symbol === undefined) throw new Error("The exchange lists too few symbols");
    return symbol;
  }

  /** Ends the preparations: the time of the attack starts. */
  begin(): void {
    this.#beganAt = performance.now();
    this.#threadAtBegin = threadTime();
    jsonLine({ event: "begin", at: Date.now() });
  }

  /** Whether the time of an attack without an end of its own is over. */
  get isOver(): boolean {
    return this.elapsedSeconds > this.plan.seconds;
  }

  /** Whether an attack that does a fixed amount of work should stop before it is done. */
  get isLate(): boolean {
    return this.elapsedSeconds > this.plan.secondsMax;
  }

  get elapsedSeconds(): number {
    return (performance.now() - this.#beganAt) / 1000;
  }

  /** Since `begin`: the share of the time in which this thread ran, and in which it waited for a processor. */
  get processor(): { share: number; waited: number } {
    const { ranMs, waitedMs } = threadTime();
    const ms = this.elapsedSeconds * 1000;
    const before = this.#threadAtBegin;
    return { share: (ranMs - before.ranMs) / ms, waited: (waitedMs - before.waitedMs) / ms };
  }

  fault(what: string): void {
    this.faults.push(what);
  }

  open(path: Path, options: Partial<PeerOptions> = {}): Promise<Peer> {
    return Peer.open({ port: this.plan.port, path, tally: this.tally, ...options });
  }

  /** Opens `count` connections, or fewer if the server refuses one. */
  async openMany(count: number, path: Path, options?: Partial<PeerOptions>): Promise<Peer[]> {
    const peers: Peer[] = [];
    while (peers.length < count && !this.isLate) {
      const peer = await this.#tryOpen(() => this.open(path, options));
      if (peer === undefined) break;
      peers.push(peer);
    }
    return peers;
  }

  /** A new connection that is logged in as user `n`. */
  async login(n: number, path: Path = "/orders", options?: Partial<PeerOptions>): Promise<Peer> {
    const peer = await this.open(path, options);
    const answer = await peer.request("auth.login", this.key(n));
    if (answer.result === undefined) throw new Error(`Login failed: ${JSON.stringify(answer)}`);
    return peer;
  }

  key(n: number): { api_key: string; api_secret: string } {
    const { api_key, api_secret } = this.user(n);
    return { api_key, api_secret };
  }

  user(n: number): AttackPlan["users"][number] {
    const user = this.plan.users[n];
    if (user === undefined) throw new Error(`The attack has no user ${n}`);
    return user;
  }

  /** Calls `act` with a connection until the time is over. Opens a new one when the server has closed the last one. */
  async persist(open: () => Promise<Peer>, act: (peer: Peer) => Promise<void>): Promise<void> {
    while (!this.isOver) {
      using peer = await this.#tryOpen(open);
      if (peer !== undefined) await act(peer);
      if (!this.isOver) await Bun.sleep(RECONNECT_MS);
    }
  }

  /** Sends the same bytes as fast as the socket takes them. Everything that comes is read. */
  async flood(peer: Peer, bytes: Uint8Array): Promise<void> {
    while (peer.isOpen && !this.isOver) {
      peer.write(bytes);
      await Promise.race([peer.drained(), this.over()]);
      // The loop would block the event loop if the socket always took everything at once.
      await new Promise(setImmediate);
    }
  }

  /** Calls `act` every `intervalMs` while the connection is open and the time is not over. */
  async every(intervalMs: number, peer: Peer, act: (round: number) => void): Promise<void> {
    let due = performance.now();
    for (let round = 0; peer.isOpen && !this.isOver; round++) {
      act(round);
      due += intervalMs;
      await Bun.sleep(Math.max(0, due - performance.now()));
    }
  }

  /** Resolves when the time is over. */
  over(): Promise<void> {
    return Bun.sleep(Math.max(0, (this.plan.seconds - this.elapsedSeconds) * 1000));
  }

  /**
   * Places `count` orders in batches, several of which may be unanswered. Stops early when the connection is closed,
   * the attack is late, or `isEnough` is true for an answer. Returns how many orders were answered.
   */
  async place(
    peer: Peer,
    count: number,
    orderAt: (n: number) => Order,
    isEnough: (answer: Answer) => boolean = () => false,
  ): Promise<number> {
    let next = 0;
    let answered = 0;
    let isDone = false;
    const lane = async (): Promise<void> => {
      while (next < count && !isDone && peer.isOpen && !this.isLate) {
        const size = Math.min(BATCH_ORDERS, count - next);
        const orders = Array.from({ length: size }, (_, n) => orderAt(next + n));
        next += size;
        const answer = await peer.request("order.batch", { orders });
        if (answer.result !== undefined) answered += size;
        isDone ||= isEnough(answer);
      }
    };
    await Promise.all(Array.from({ length: BATCHES_IN_FLIGHT }, lane));
    return answered;
  }

  /** Changes the state of a symbol as an operator, for example to "pre-open" or "resume". */
  async operate(symbol: string, state: string): Promise<void> {
    await this.#post(`symbols/${symbol}/${state}`, {});
  }

  /** Deposits shares for user `n` as an operator. `positions` has the quantity by symbol. */
  async deposit(n: number, positions: Readonly<Record<string, number>>): Promise<void> {
    await this.#post(`accounts/${this.user(n).account_id}/deposit`, { positions });
  }

  async #post(path: string, body: object): Promise<void> {
    const { port, adminToken } = this.plan;
    const reply = await fetchFrom(port, `/admin/v1/${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${adminToken}` },
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  }

  async #tryOpen(open: () => Promise<Peer>): Promise<Peer | undefined> {
    try {
      return await open();
    } catch (error) {
      this.tally.close(error instanceof UpgradeRefused ? error.message : "no connection");
      return undefined;
    }
  }
}

/** The frame of a request. Its id is always 1, because the same bytes are sent many times. */
export function requestFrame(method: string, params: object): Uint8Array {
  return messageFrame({ id: 1, method, params }, "json");
}
