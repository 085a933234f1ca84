/**
 * A real exchange under a real load, killed at random moments and started again, and held to every
 * word that it gave.
 *
 * ```
 *  load ──► kill -9 ──► perhaps: start, kill -9 ──► start ──► audit, retry, audit ──► load …
 *                                                                  └► a fresh replay, in a process of
 *                                                                     its own, beside the next load
 * ```
 */
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { auditBooks, type Endowment, settleDone } from "../integration/books-audit.ts";
import { LoadTrader, SeededRandom } from "../integration/load-generator.ts";
import { AS_OPERATORS_DO } from "../integration/server-process.ts";
import { Venue } from "../integration/venue.ts";
import { ENCODINGS, type Members } from "../integration/wire-client.ts";
import { SlowProxy } from "../persistence/archive/slow-proxy.ts";
import { AdminLoad, findLostNewcomers } from "./admin-load.ts";
import type { CrashTotals } from "./crash-totals.ts";
import { DirectoryChanges } from "./directory-changes.ts";
import { expectNextEvent, expectToldAgain, refreshOrders, retryOrders } from "./order-retry.ts";
import { SegmentFiller } from "./segment-filler.ts";
import { askWaiver, type Environment, startAndKill } from "./waiver.ts";

const CASH = 100_000;
const SHARES = 300;
const FILLER_CASH = 1_000;
const IN_FLIGHT = 32;
/** The most answers to all traders between a start and the kill. */
const ANSWERS_MAX = 1_500;
/**
 * The kill comes after at most this many changes of names in the directory of the journal or of the
 * snapshots.
 */
const CHANGES_MAX = 4;
/** The kill comes after at most this many bytes were sent to the archive. */
const UPLOADED_BYTES_MAX = 20_000;
/** If the chosen moment does not come, the exchange is killed after this many answers. */
const ANSWERS_UNTIL_MOMENT_MAX = 6_000;
/** How many finished orders of each trader later rounds check again. */
const DONE_KEPT = 50;
/** At most this many starts are killed before one is allowed to live. */
const STARTS_KILLED_MAX = 2;
const TORN_TAIL = "torn tail cut off";

/** The smallest segments, and snapshots as often as possible. */
const CONFIG = `
[market]
ring_commands = 8192
[persistence.local]
segment_bytes = 1048576
snapshot_interval = 500
snapshot_spacing = 1
snapshot_change_percent = 0
`;

/** Retention settings: one keeps the whole journal, one keeps only what a recovery needs. */
const WHOLE = "max_wal_files = 100000\n";
const SHORT = "max_wal_files = 2\nmax_snapshots = 2\n";

/** What the exchange is doing when it is killed. */
const MOMENTS = ["load", "load", "rotation", "snapshot", "upload"] as const;
type Moment = (typeof MOMENTS)[number];

/** The files whose appearance or removal shows that the moment has come, under the data directory. */
const SHOWN_BY = {
  rotation: { directory: "wal", files: /^wal_/ },
  snapshot: { directory: "snapshots", files: /^snapshot_/ },
} as const;

/** The operator's request that brings the moment about. */
const WORK: { readonly [moment in Moment]?: string } = {
  snapshot: "/snapshot",
  upload: "/archive/push",
};

/** An S3 server for the archive, on this machine, and its keys for the exchange's environment. */
export interface ArchiveServer {
  readonly endpoint: string;
  readonly bucket: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Archive {
  readonly env: ArchiveServer["env"];
  /** Stands in front of the server and counts the uploaded bytes. */
  readonly proxy: SlowProxy;
}

/** One exchange and its crashes. */
export class CrashTest implements AsyncDisposable {
  readonly #venue: Venue;
  readonly #archive: Archive | null;
  /** The journal is kept from its first record on, so it can be replayed from there. */
  readonly #isWhole: boolean;
  readonly #random: SeededRandom;
  readonly #totals: CrashTotals;
  readonly #given: Endowment;
  readonly #traders: readonly LoadTrader[];
  readonly #filler: SegmentFiller;
  readonly #admin: AdminLoad;
  /** The moments still to come before the list starts again. */
  #moments: Moment[] = [];
  /** The cash of all users who do not trade. */
  #cashElsewhere = FILLER_CASH;
  /** The running check of the last state against a fresh replay. */
  #replay: Promise<void> = Promise.resolve();

  private constructor(
    venue: Venue,
    archive: Archive | null,
    isWhole: boolean,
    random: SeededRandom,
    totals: CrashTotals,
    cast: { given: Endowment; traders: LoadTrader[]; filler: SegmentFiller },
  ) {
    this.#isWhole = isWhole;
    this.#venue = venue;
    this.#archive = archive;
    this.#random = random;
    this.#totals = totals;
    this.#given = cast.given;
    this.#traders = cast.traders;
    this.#filler = cast.filler;
    this.#admin = new AdminLoad(cast.traders, cast.given.symbols, random);
  }

  /**
   * Opens an exchange with two traders in each encoding, and with an archive if there is a server. With
   * an even seed it keeps its whole journal.
   */
  static async open(
    seed: number,
    totals: CrashTotals,
    server: ArchiveServer | null,
  ): Promise<CrashTest> {
    const random = new SeededRandom(seed);
    const archive = server && {
      env: server.env,
      proxy: await SlowProxy.start(Number(new URL(server.endpoint).port)),
    };
    const isWhole = seed % 2 === 0;
    const upload = server && archive ? archiveConfig(server.bucket, archive.proxy.endpoint) : "";
    const venue = await Venue.open({
      config: CONFIG + (isWhole ? WHOLE : SHORT) + upload,
      env: environment(archive, isWhole),
      program: AS_OPERATORS_DO,
    });
    const symbols = [venue.symbol(), venue.symbol(), venue.symbol()];
    const positions = Object.fromEntries(symbols.map((symbol) => [symbol, SHARES]));
    const traders: LoadTrader[] = [];
    for (const encoding of [...ENCODINGS, ...ENCODINGS]) {
      const user = await venue.user({ cash: CASH, positions });
      traders.push(new LoadTrader(user, encoding, symbols, random, `t${traders.length}`));
    }
    const filler = new SegmentFiller(await venue.user({ cash: FILLER_CASH }), venue.symbol());
    for (const trader of traders) await trader.connect(venue);
    const given = { cash: CASH, shares: SHARES, symbols };
    return new CrashTest(venue, archive, isWhole, random, totals, { given, traders, filler });
  }

  get #env(): Environment {
    return environment(this.#archive, this.#isWhole);
  }

  get dataDir(): string {
    return this.#venue.dataDir;
  }

  /** One crash and all checks after it. Throws if a promise was broken. */
  async round(): Promise<void> {
    await this.#crash();
    await this.#replay;
    for (let left = this.#random.below(STARTS_KILLED_MAX + 1); left > 0; left--) {
      await this.#killStart();
    }
    await this.#restart();
    await this.#audit();
    const state = await this.#venue.server.ask<Members>("GET", "/state");
    this.#replay = this.#checkReplay(state);
    // The next round awaits it. Until then a failure must not count as an unhandled rejection.
    this.#replay.catch(() => null);
    this.#totals.rounds++;
  }

  /** Finishes the check of the last round, then verifies everything that was uploaded to the archive. */
  async finish(): Promise<void> {
    await this.#replay;
    if (this.#archive === null) return;
    await this.#venue.server.ask("POST", "/archive/push");
    await askWaiver(
      this.dataDir,
      this.#env,
      "archive",
      "verify",
      "--config",
      `${this.dataDir}.toml`,
    );
  }

  /** Stops the exchange and keeps its files. */
  async stop(): Promise<void> {
    await this.#venue.server.kill();
    await this.#replay.catch(() => null);
    await this.#archive?.proxy[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#venue[Symbol.asyncDispose]();
  }

  async #crash(): Promise<void> {
    const { server } = this.#venue;
    const moment = this.#nextMoment();
    const answers = (): number => this.#traders.reduce((sum, trader) => sum + trader.answers, 0);
    const acknowledged = (): number =>
      this.#traders.reduce((sum, trader) => sum + trader.acknowledgements, 0);
    const [answersBefore, acknowledgedBefore] = [answers(), acknowledged()];
    const { deposits } = this.#admin;
    const target = answersBefore + 1 + this.#random.below(ANSWERS_MAX);

    using watch = this.#watchFor(moment);
    const admin = this.#admin.run(server);
    const work = WORK[moment];
    // The kill may come before the answer.
    if (work !== undefined) server.admin("POST", work).catch(() => null);
    if (watch !== null) await this.#filler.run(this.#venue);
    for (const trader of this.#traders) trader.run(IN_FLIGHT);
    const last = watch === null ? target : answersBefore + ANSWERS_UNTIL_MOMENT_MAX;
    const loaded = this.#traders.map(({ client }) =>
      client.until(() => answers() >= last, `${last} answers`),
    );
    const during = await Promise.race([
      Promise.race(loaded).then(() => "load"),
      ...(watch === null ? [] : [watch.reached.then(() => moment)]),
    ]);
    await server.kill();
    await admin;
    await Promise.allSettled(loaded);
    this.#filler.stop();
    for (const trader of this.#traders) trader.disconnect();
    this.#totals.countKill(during);
    this.#totals.acknowledgements += acknowledged() - acknowledgedBefore;
    this.#totals.deposits += this.#admin.deposits - deposits;
  }

  /** Every moment comes equally often, in random order. */
  #nextMoment(): Moment {
    if (this.#moments.length === 0) this.#moments = [...MOMENTS];
    return this.#moments.splice(this.#random.below(this.#moments.length), 1)[0] ?? "load";
  }

  /** Starts to watch for the moment; null if it needs no watching or cannot come. */
  #watchFor(moment: Moment): (Disposable & { reached: Promise<void> }) | null {
    if (moment === "load") return null;
    if (moment === "upload") {
      const reached = this.#archive?.proxy.sent(1 + this.#random.below(UPLOADED_BYTES_MAX));
      return reached === undefined ? null : { reached, [Symbol.dispose]: () => {} };
    }
    const { directory, files } = SHOWN_BY[moment];
    const path = join(this.dataDir, directory);
    if (!existsSync(path)) return null;
    return new DirectoryChanges(path, files, 1 + this.#random.below(CHANGES_MAX));
  }

  async #killStart(): Promise<void> {
    const usual = Math.ceil(this.#totals.readyMs.at(-1) ?? 500);
    const log = await startAndKill(this.dataDir, 1 + this.#random.below(usual), this.#env);
    this.#totals.countKill(log.includes('"recovered"') ? "start" : "recovery");
    if (log.includes(TORN_TAIL)) this.#totals.tornTails++;
  }

  async #restart(): Promise<void> {
    const begin = performance.now();
    await this.#venue.restart();
    this.#totals.readyMs.push(performance.now() - begin);
    const { log } = this.#venue.server;
    const recovered = log.find(({ msg }) => msg === "recovered");
    this.#totals.recoveryMs.push(Number(recovered?.milliseconds));
    if (recovered?.snapshot) this.#totals.startsFromSnapshot++;
    if (log.some(({ msg }) => msg?.startsWith(TORN_TAIL))) this.#totals.tornTails++;
  }

  async #audit(): Promise<void> {
    const venue = this.#venue;
    const admin = this.#admin;
    const traders = this.#traders;
    for (const trader of traders) await trader.connect(venue);
    expect(await findLostNewcomers(venue, admin.newcomers)).toEqual([]);
    const known = admin.newcomers.reduce((sum, { cash }) => sum + cash, this.#cashElsewhere);
    const possible = [known, known + admin.doubtfulCash];
    this.#cashElsewhere = await auditBooks(venue, traders, this.#given, possible);
    admin.newcomers = [];
    admin.doubtfulCash = 0;

    for (const trader of traders) await expectToldAgain(venue, trader);
    await Promise.all(traders.map((trader) => retryOrders(trader, this.#random)));
    for (const trader of traders) {
      await expectNextEvent(trader, this.#given.symbols[0] ?? "");
    }
    await Promise.all(traders.map(refreshOrders));
    await auditBooks(venue, traders, this.#given, [this.#cashElsewhere]);
    for (const trader of traders) settleDone(trader, DONE_KEPT);
  }

  /** Checks that the journal is sound, and that another process gets the same state from a replay. */
  async #checkReplay({ tick, state_hash }: Members): Promise<void> {
    const verified = await askWaiver(this.dataDir, this.#env, "wal", "verify");
    expect(verified).toMatchObject({ sound: true });
    if (!this.#isWhole) return;
    const to = ["--to-tick", String(tick)];
    const replayed = await askWaiver(this.dataDir, this.#env, "wal", "replay", ...to);
    expect(replayed).toMatchObject({ tick, state_hash });
  }
}

/** One of two exchanges starts without warming up: warming up takes most of a start here. */
function environment(archive: Archive | null, isWhole: boolean): Environment {
  return { ...archive?.env, WAIVER_MARKET__WARM_UP: String(isWhole) };
}

/** Uploads as often as possible. Each exchange has its own prefix. */
function archiveConfig(bucket: string, endpoint: string): string {
  return `
[persistence]
backend = "cloud"
[persistence.cloud]
s3_bucket = "${bucket}"
endpoint = "${endpoint}"
prefix = "crash-test-${crypto.randomUUID()}"
upload_interval = 1
retention_days = 0
`;
}
