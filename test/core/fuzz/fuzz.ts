/** Differential fuzzing: random streams through core and reference, and the shortest list that differs. */
import { CLIENT_ID_ENTRIES, RECENT_CLIENT_IDS_MAX } from "../../../src/core/client-ids.ts";
import { ORDER_SLOT_COUNT } from "../../../src/core/command.ts";
import { MARKET_BACKLOG } from "../../../src/core/parts.ts";
import { PAGES_MAX } from "../../../src/core/rules-state.ts";
import { LEVEL_INTS, PAGE_INTS, PAGE_LEVELS } from "../../../src/core/whistle/ladder.ts";
import { ORDER_SHIFT } from "../../../src/core/whistle/order-arena.ts";
import { type Command, formatCommands } from "../command-builder.ts";
import { createTestCore, type TestCore } from "../test-core.ts";
import type { Start } from "../validate/faults.ts";
import { CommandStream, FUZZ_SYMBOLS } from "./command-stream.ts";
import { Lockstep, type LockstepOptions } from "./lockstep.ts";
import { minimise } from "./minimise.ts";

// Words of the stores' heads.
const H_TOP = 1;
const H_FREE_FIRST = 0;
const H_FREE_LAST = 5;
const H_FREE_COUNT = 6;
/** Client ids that are always left free. */
const FREE_CLIENT_IDS_MIN = CLIENT_ID_ENTRIES - RECENT_CLIENT_IDS_MAX - ORDER_SLOT_COUNT - 2;

/** Commands between two looks at the whole state, as a rule. */
const CHECK_EVERY = 50;

/** Streams between two garbage collections: see `Fuzzer.run`. */
const COLLECT_EVERY = 25;

/** Commands tried to find the shortest list that fails: of a pile of stops that would take hours. */
const MINIMISE_COMMANDS_MAX = 60_000;

/** A core that streams run on, one after another. */
interface Subject {
  core: TestCore;
  /** Makes the core empty. */
  clear(): void;
  options: Pick<LockstepOptions, "limits" | "start">;
}

/** The core with its own limits. */
function createAmple(): Subject {
  const core = createTestCore(FUZZ_SYMBOLS);
  return { core, clear: () => core.reset(), options: {} };
}

/**
 * The core with room for little: its stores say that nearly all their memory is in use already. (Not the
 * positions': their index would look for what is not there.)
 */
function createTight(): Subject {
  const work = {
    expiriesMax: 1,
    cascadeWorkMax: 6,
    orderCascadeWorkMax: 9,
    scannedOrdersMax: 5,
    auctionSearchesMax: 1,
    ordersMax: 24,
    accountOrdersMax: 15,
    accountClientIdsMax: 7,
    accountPositionsMax: 2,
    reservedOrders: 6,
    fewOrders: 3,
    pagesMax: 7,
    accountPagesMax: 4,
    reservedPages: 4,
    fewPages: 2,
    reservedNearPages: 2,
    nearPages: 1,
  };
  const limits = {
    recentClientIdsMax: 20,
    ...work,
  };
  const clientIdLimits = {
    recentMax: limits.recentClientIdsMax,
    perAccountMax: limits.accountClientIdsMax,
  };
  const core = createTestCore(FUZZ_SYMBOLS, { clientIds: clientIdLimits, work });
  const { arena, ladder, clientIds } = core;
  const start: Start = {
    order: ORDER_SLOT_COUNT - limits.ordersMax,
    page: PAGES_MAX - limits.pagesMax,
    freeClientIds: FREE_CLIENT_IDS_MIN - 1,
  };
  const clear = (): void => {
    arena.ints.fill(0, start.order << ORDER_SHIFT);
    ladder.pages.fill(0, start.page * PAGE_INTS);
    ladder.levels.fill(0, start.page * PAGE_LEVELS * LEVEL_INTS);
    arena.head[H_TOP] = 1;
    ladder.head[H_TOP] = 1;
    core.reset();
    arena.head[H_TOP] = start.order;
    ladder.head[H_TOP] = start.page;
    // One there is, so that each that is freed lets another be used again.
    clientIds.head[H_FREE_COUNT] = FREE_CLIENT_IDS_MIN;
    clientIds.head[H_FREE_FIRST] = 1;
    clientIds.head[H_FREE_LAST] = 1;
    clientIds.head[H_TOP] = 2;
  };
  return { core, clear, options: { limits, start } };
}

export class Fuzzer {
  readonly #ample = createAmple();
  readonly #tight = createTight();
  /** Commands after which stops were left for the next, so far. */
  cascadesCut = 0;
  /** Commands after which orders were left whose time is over. */
  expiriesCut = 0;
  #runs = 0;

  /**
   * One seed's stream, with a look at the whole state every `checkEvery` commands (while stops pile up, one by one, as
   * often as usual) and at the end; then everything is cancelled. Every third seed gets the tight core, and of the others some a pile of stops. Returns
   * what went wrong, to be printed.
   */
  run(seed: number, count: number, checkEvery = CHECK_EVERY): string | undefined {
    // By itself the collector waits for gigabytes: it takes the memory that the cores reserve for memory in use.
    if (++this.#runs % COLLECT_EVERY === 0) Bun.gc(true);
    const subject = seed % 3 === 0 ? this.#tight : this.#ample;
    const { core, options } = subject;
    const settings = { ...options, checkEvery, tickLength: 1 + (Math.abs(seed) % 7) };
    subject.clear();
    const lockstep = new Lockstep(core, settings);
    const stream = new CommandStream(seed, seed % 24 === 7);
    const commands: Command[] = [];
    let difference: string | undefined;
    while (commands.length < count && difference === undefined) {
      const command = stream.next();
      commands.push(command);
      const applied = lockstep.apply(command, stream.isPiling ? CHECK_EVERY : checkEvery);
      difference = applied.difference;
      if (core.market[MARKET_BACKLOG] !== 0) this.cascadesCut++;
      if (core.expiries.due() <= stream.now) this.expiriesCut++;
      stream.hear(command, applied.events);
    }
    difference ??= lockstep.compareStates() ?? lockstep.cancelEverything();
    if (difference === undefined) return undefined;

    const repeat = (list: readonly Command[]): string | undefined => {
      subject.clear();
      const again = new Lockstep(core, { ...settings, checkEvery: 1 });
      for (const command of list) {
        const applied = again.apply(command);
        if (applied.difference !== undefined) return applied.difference;
      }
      return again.cancelEverything();
    };
    const least = minimise(commands, (list) => repeat(list) !== undefined, MINIMISE_COMMANDS_MAX);
    const what = repeat(least) ?? difference;
    return `seed ${seed}, command ${commands.length}: ${what}\ncommands:\n${formatCommands(least)}`;
  }
}
