/** An exchange without a gateway, with its journal in memory: core, records, tick, and the parts of trading. */

import type { TickStage } from "../../src/core/tick-output.ts";
import { Control } from "../../src/execution/control.ts";
import { ExecutionManager, type TickListener } from "../../src/execution/execution-manager.ts";
import { LocalCommandLog } from "../../src/execution/local-command-log.ts";
import { recover } from "../../src/execution/replay.ts";
import { StateCheck } from "../../src/execution/state-check.ts";
import { TickLoop } from "../../src/execution/tick-loop.ts";
import { Lifecycle } from "../../src/lib/lifecycle.ts";
import { AccountStreams } from "../../src/records/account-streams.ts";
import { Candles } from "../../src/records/candles.ts";
import { Equity } from "../../src/records/equity.ts";
import { Fills } from "../../src/records/fills.ts";
import { LevelChanges } from "../../src/records/level-changes.ts";
import { OrderHistory } from "../../src/records/order-history.ts";
import { RecentTrades } from "../../src/records/recent-trades.ts";
import { Tickers } from "../../src/records/tickers.ts";
import { InboundRing } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { createTestCore, type TestCore } from "../core/test-core.ts";
import { FaultyDisk, HeldJournal } from "../execution/held-journal.ts";
import { tickTimes } from "../execution/tick-metrics.ts";
import { SILENT } from "../lib/logs.ts";
import { until } from "../lib/until.ts";

/** Shared by all tests: it takes much memory, so a new one could take a second on a busy machine. */
const CORE = createTestCore(8);

export interface MarketOptions {
  ringCommands?: number;
  historyOrdersMax?: number;
  /** How many events are kept of an account. */
  eventsPerAccountMax?: number;
  /** An exchange with its own limits. */
  core?: TestCore;
}

/** Opens an empty exchange and closes the one that was open before. They share one core. */
export function openMarket(options: MarketOptions = {}) {
  const { core = CORE } = options;
  core.reset();
  const { view } = core;
  const history = new OrderHistory(view, options.historyOrdersMax ?? 1024);
  const fills = new Fills(view, 1024);
  const equity = new Equity(view, { entriesMax: 1024 });
  const { eventsPerAccountMax = 10_000 } = options;
  const streams = new AccountStreams(view, { bytes: 2 ** 22, eventsPerAccountMax });
  const trades = new RecentTrades(view);
  const candles = new Candles(view);
  const levelChanges = new LevelChanges(view, 2 ** 20);
  const tickers = new Tickers(view, candles);
  const clock = { now: 1000 };
  const lifecycle = new Lifecycle();
  const disk = new FaultyDisk();
  const journal = new HeldJournal(disk);
  const sequencer = new Sequencer(() => clock.now);
  const check = new StateCheck(core);
  recover({ backend: journal, core, check, records: [], sequencer, log: SILENT });
  const ring = new InboundRing(options.ringCommands ?? 1024);
  const failures: string[] = [];
  const bugs: string[] = [];
  const ticks: number[] = [];
  const onBug = (error: unknown): void => void bugs.push(String(error));
  /** Stages that run after the replies, in this order. A publisher adds itself. */
  const stages: TickStage[] = [fills, equity, streams, trades, candles, levelChanges];
  /** Called with commands too, after the stages. */
  const watches: TickListener[] = [];
  const manager = new ExecutionManager({
    core,
    beforeReplies: [history],
    afterReplies: stages,
    watch: {
      onTick(batch, output) {
        for (const watch of watches) watch.onTick(batch, output);
      },
    },
    onBug,
  });
  const loop = new TickLoop({
    ring,
    manager,
    createLog: (follower) => new LocalCommandLog({ sequencer, check, backend: journal }, follower),
    times: tickTimes({ ticks }),
    onFailure: (error) => failures.push(error.message),
    onBug,
  });
  return {
    core,
    view,
    history,
    fills,
    equity,
    streams,
    trades,
    candles,
    levelChanges,
    tickers,
    clock,
    now: () => clock.now,
    disk,
    journal,
    ring,
    loop,
    stages,
    watches,
    lifecycle,
    control: new Control(ring, loop, lifecycle),
    /** The reason of each storage failure that was reported. */
    failures,
    /** What a stage, a read or a waiter threw. */
    bugs,
    onBug,
    /** The number of commands of each tick whose replies were sent. */
    ticks,
    /** Resolves when a tick is applied while its flush is held back. */
    inFlight: () => until(() => journal.isWaiting),
  };
}
