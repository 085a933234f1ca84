/** A besieged server, and the clients that must be served during an attack: the victim, the readers and the probe. */
import { setPriority } from "node:os";
import type { Attack } from "./attack.ts";
import { ChildProcess, type Line } from "./child-process.ts";
import { type VictimFigures, victimFigures } from "./figures.ts";
import { loopFigures } from "./loop-figures.ts";
import { Peer } from "./peer.ts";
import type { EchoSample, ReadersPlan, SiegeUser, VictimPlan, VictimSample } from "./plan.ts";
import { Probe } from "./probe.ts";
import { BesiegedServer, type ServerOptions } from "./server.ts";
import { Tally } from "./tally.ts";
import { Watch } from "./watch.ts";

const VICTIM_INTERVAL_MS = 10;
export const MARKET_DATA_READERS = 20;
/** The victim trades the first listed symbol, the probe the next ones, and attacks use the rest. */
const PROBE_SYMBOLS = 20;
/** The users of an attack own shares of this many symbols. The next attack begins with other ones. */
const OWNED_SYMBOLS = 4;
const LOOK_EVERY_MS = 20;
/** All clients must have started within this time. */
const SETTLE_MS_MAX = 60_000;
/** Time for the server to compile its hot code. */
const WARM_UP_MS = 1_000;
/** The `nice` value of server, victim and echo, if they cannot have real-time priority. */
const PREFERRED = -10;

export interface TestBedOptions extends ServerOptions {
  memoryMibMax: number;
  /** An order counts as unanswered when it was not answered in this time. */
  patienceSeconds: number;
  /** No times are judged, so the server and the victim get no higher priority. */
  isShort: boolean;
}

export class TestBed implements AsyncDisposable {
  /** Victim and readers whose connections were closed so far, and how. */
  readonly closedClients: string[] = [];
  readonly server: BesiegedServer;
  readonly watch: Watch;
  readonly probe: Probe;
  readonly #stack: AsyncDisposableStack;
  /** The symbols for attacks. */
  readonly #symbols: readonly string[];
  readonly #patienceMs: number;
  readonly #samples: VictimSample[] = [];
  readonly #echoes: EchoSample[] = [];
  #attacks = 0;

  private constructor(
    server: BesiegedServer,
    watch: Watch,
    probe: Probe,
    symbols: readonly string[],
    patienceSeconds: number,
    stack: AsyncDisposableStack,
  ) {
    this.server = server;
    this.watch = watch;
    this.probe = probe;
    this.#symbols = symbols;
    this.#patienceMs = patienceSeconds * 1000;
    this.#stack = stack;
  }

  /** Starts the server and the clients. */
  static async open(options: TestBedOptions): Promise<TestBed> {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await BesiegedServer.start(options));
    const watch = stack.use(await Watch.begin(server, options.memoryMibMax));
    const [victimSymbol = "", ...others] = await listSymbols(server.port);
    const probeSymbols = others.slice(0, PROBE_SYMBOLS);
    const victim = await server.createUser("victim", "rich", []);
    const seller = await server.createUser("seller", "rich", probeSymbols);
    const buyer = await server.createUser("buyer", "rich", []);
    const probe = new Probe(server.port, seller, buyer, probeSymbols);
    const symbols = others.slice(PROBE_SYMBOLS);
    const testBed = new TestBed(
      server,
      watch,
      probe,
      symbols,
      options.patienceSeconds,
      stack.move(),
    );
    try {
      await testBed.#settle(victim, victimSymbol, !options.isShort);
      return testBed;
    } catch (error) {
      await testBed[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Creates the users that an attack asks for. Its list of symbols begins with those in which its users have shares.
   */
  async supply({ name, users = [] }: Attack): Promise<{ users: SiegeUser[]; symbols: string[] }> {
    const start = (this.#attacks * OWNED_SYMBOLS) % this.#symbols.length;
    this.#attacks += 1;
    const symbols = [...this.#symbols.slice(start), ...this.#symbols.slice(0, start)];
    const owned = symbols.slice(0, OWNED_SYMBOLS);
    const created: SiegeUser[] = [];
    for (const [n, means] of users.entries()) {
      created.push(await this.server.createUser(`${name} ${this.#attacks}.${n}`, means, owned));
    }
    return { users: created, symbols };
  }

  /** The victim's figures of the next `seconds`. */
  async figuresOf(seconds: number): Promise<VictimFigures> {
    const from = Date.now();
    await Bun.sleep(seconds * 1000);
    return this.figuresBetween(from, Date.now());
  }

  /** The victim's figures of that time. Waits until its orders are answered, or count as unanswered. */
  async figuresBetween(from: number, to: number): Promise<VictimFigures> {
    const patience = Date.now() + this.#patienceMs;
    while (Date.now() < patience && !this.#hasAnswersUntil(to) && this.server.end === undefined) {
      await Bun.sleep(LOOK_EVERY_MS);
    }
    const now = Date.now();
    return {
      ...victimFigures(this.#samples, from, to, VICTIM_INTERVAL_MS, now, this.#echoes),
      loop: loopFigures(this.server.loop, from, now),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  #hasAnswersUntil(time: number): boolean {
    const last = this.#samples.at(-1);
    return last !== undefined && last.plannedAt + VICTIM_INTERVAL_MS >= time;
  }

  /** Starts the processes of readers, echo and victim, and waits until all of them have begun. */
  async #settle(user: SiegeUser, symbol: string, isPreferred: boolean): Promise<void> {
    const { port } = this.server;
    const reading = Promise.withResolvers<void>();
    const onLine = (line: Line): void => {
      if (line.event === "reading") reading.resolve();
      if (line.event === "order") this.#samples.push(line as unknown as VictimSample);
      if (line.event === "echo") this.#echoes.push(line as unknown as EchoSample);
      if (line.event === "closed") this.closedClients.push(`${line.who} (${line.close})`);
    };
    const readersPlan: ReadersPlan = {
      port,
      marketData: MARKET_DATA_READERS,
      subscriber: await this.server.createUser("subscriber", "rich", []),
      listener: user,
    };
    const readers = new ChildProcess({
      script: "readers.ts",
      plan: readersPlan,
      onLine,
      isAttacker: true,
    });
    this.#stack.use(readers);
    const ended = readers.ended.then(() => Promise.reject(new Error("The readers ended")));
    const late = Bun.sleep(SETTLE_MS_MAX).then(() => Promise.reject(new Error("Readers are late")));
    ended.catch(() => undefined);
    late.catch(() => undefined);
    await Promise.race([reading.promise, ended, late]);
    const listening = Promise.withResolvers<number>();
    const onEcho = ({ port: echoPort }: Line): void => listening.resolve(Number(echoPort));
    const echo = new ChildProcess({ script: "echo-server.ts", plan: {}, onLine: onEcho });
    this.#stack.use(echo);
    const echoPort = await Promise.race([listening.promise, late]);
    const intervalMs = VICTIM_INTERVAL_MS;
    const serverPid = this.server.pid;
    const plan: VictimPlan = { port, user, symbol, intervalMs, echoPort, serverPid };
    const victim = new ChildProcess({ script: "victim.ts", plan, onLine });
    this.#stack.use(victim);
    if (isPreferred) for (const pid of [this.server.pid, victim.pid, echo.pid]) prefer(pid);
    await Bun.sleep(WARM_UP_MS);
    if (this.#samples.length === 0)
      throw new Error("The victim was not answered before any attack");
  }
}

/**
 * Gives a process priority over all other work of this machine, as if it had a machine of its own. It gets real-time
 * priority if that is allowed, because a thread with a low `nice` value still waits for others at times. All threads of
 * the process get it, because the main thread waits for those that flush and collect garbage.
 */
function prefer(pid: number): void {
  const realTime = ["chrt", "--all-tasks", "--rr", "--pid", "1", String(pid)];
  const isDone =
    Bun.which("chrt") !== null &&
    Bun.spawnSync(realTime, { stdio: ["ignore", "ignore", "ignore"] }).success;
  if (isDone) return;
  try {
    setPriority(pid, PREFERRED);
  } catch {
    // Only root may do that.
  }
}

async function listSymbols(port: number): Promise<string[]> {
  using peer = await Peer.open({ port, path: "/market-data", tally: new Tally() });
  const { result } = await peer.request("symbols.list");
  const symbols = (result?.symbols ?? []) as { symbol: string }[];
  return symbols.map(({ symbol }) => symbol);
}
