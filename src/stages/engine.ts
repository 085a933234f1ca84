/** The second stage: the path of a command, from the ring to everybody who is told what it did. */
import type { OrderTraces } from "../analytics/order-traces.ts";
import type { Config } from "../config/config.ts";
import type { TickStage } from "../core/tick-output.ts";
import { Control } from "../execution/control.ts";
import { DueClock } from "../execution/due-clock.ts";
import { ExecutionManager } from "../execution/execution-manager.ts";
import { LocalCommandLog } from "../execution/local-command-log.ts";
import { TickLoop } from "../execution/tick-loop.ts";
import { type OnTick, TickTimes } from "../execution/tick-times.ts";
import { TickWatch } from "../execution/tick-watch.ts";
import { youngCollection } from "../execution/young-collection.ts";
import { AccountTraces } from "../gateway/account-traces.ts";
import { addHousekeepingHealth } from "../gateway/storage-health.ts";
import type { Publisher } from "../gateway/websocket/publisher.ts";
import { UserData } from "../gateway/websocket/user-data.ts";
import { ownProgram } from "../host/own-program.ts";
import { Housekeeping } from "../housekeeping/housekeeping.ts";
import { BEAT_MS, MarketDataBroadcaster } from "../market-data/broadcaster.ts";
import { BATCH_HEADER_BYTES, SEGMENT_HEADER_BYTES } from "../persistence/wal/layout.ts";
import { InboundRing } from "../router/inbound-ring.ts";
import type { Common } from "./common.ts";
import { ladderAhead } from "./ladder-ahead.ts";
import { slowTicks } from "./slow-ticks.ts";
import type { State } from "./state.ts";
import type { Tracing } from "./tracing.ts";

export type Engine = ReturnType<typeof openEngine>;

/** From now on commands are taken in, journaled and applied, and clients are told what they did. */
export function openEngine(
  common: Common,
  state: State,
  publisher: Publisher,
  tracing: Tracing | null,
) {
  const { config, log, health, metrics, lifecycle, now, onBug } = common;
  const { core, view, history, backend, journalEnd, storageHealth } = state;
  const ring = new InboundRing(config.market.ringCommands);
  assertFits(ring, config);
  // Some stages need the loop that runs them, so they are added below, before the first tick.
  const afterReplies: TickStage[] = state.records.filter((record) => record !== history);
  const traces = new AccountTraces({ ...common, streams: state.streams });
  const orderTraces = tracing?.orders ?? null;
  const onTick = tickListener(common, orderTraces);
  const ladder = ladderAhead(state.ladder);
  const loop = new TickLoop({
    ring,
    manager: new ExecutionManager({
      ...{ core, beforeReplies: [history], afterReplies, watch: traces, onBug },
      beforeSlice: () => ladder.back(),
    }),
    createLog: (follower) => new LocalCommandLog(state, follower),
    times: new TickTimes(metrics, { onTick }),
    onFailure(error) {
      storageHealth.read();
      housekeeping.storageFailed(error);
    },
    onBug,
  });
  const control = new Control(ring, loop, lifecycle);
  const housekeeping = createHousekeeping(common, state, control);
  const tickWatch = new TickWatch({ loop, tick: view.tick });
  tickWatch.start();
  health.addReason(
    "core",
    () => tickWatch.reason(),
    now,
    () => (tickWatch.isStuck ? "failed" : "degraded"),
  );
  const noting = journalEnd.keepNoting(() => control.read(view.tick));
  const clock = new DueClock(core, control, () => state.sequencer.now(), log);
  const { publish } = publisher;
  const userData = new UserData({ ...common, view, streams: state.streams, loop, publish });
  const broadcaster = new MarketDataBroadcaster({
    ...common,
    ...state,
    publish: publisher.publishPublic,
  });
  afterReplies.push(userData, broadcaster, housekeeping.snapshots, clock);
  if (orderTraces !== null) afterReplies.push(orderTraces);
  const young = youngCollection({ times: metrics.youngCollectionSeconds });
  afterReplies.push(young);
  const beat = setInterval(() => {
    broadcaster.onBeat();
    young.onBeat();
  }, BEAT_MS);

  return {
    ring,
    loop,
    control,
    housekeeping,
    traces,
    orderTraces,
    userData,
    broadcaster,
    tickWatch,
    /** Finishes the last commands, seals the journal, takes the last snapshot and archives it. */
    async [Symbol.asyncDispose]() {
      clock.stop();
      noting[Symbol.dispose]();
      clearInterval(beat);
      tickWatch.stop();
      // First while commands of the exchange itself are still taken: cancels may have to wait for a tick.
      await loop.drained();
      lifecycle.close();
      await loop.drained();
      userData.settle();
      housekeeping.end();
      await Promise.all([broadcaster.end(), backend.seal()]);
      await housekeeping.close();
      await tracing?.close();
    },
  };
}

/** The listener that hears when each stage of a tick ended. */
function tickListener({ config, log }: Common, orderTraces: OrderTraces | null): OnTick {
  const onSlow = slowTicks(config.log.slowTickMs, log);
  return (moments, tick, commands) => {
    orderTraces?.onTold(moments, commands.part);
    onSlow(moments, tick, commands);
  };
}

function createHousekeeping(
  { config, log, health, now }: Common,
  { core, backend, archive, loaded, refused, identity }: State,
  control: Control,
): Housekeeping {
  const housekeeping = new Housekeeping({
    config: config.persistence,
    ...{ core, control, backend, archive, refused, log },
    snapshotProgram: ownProgram("snapshot-worker"),
    last: loaded,
    copyIdentity: () => identity.copy(),
  });
  addHousekeepingHealth(health, housekeeping, now);
  return housekeeping;
}

/** The largest tick has to fit into a segment of the journal. */
function assertFits(ring: InboundRing, { persistence, market }: Config): void {
  const tickBytes = SEGMENT_HEADER_BYTES + BATCH_HEADER_BYTES + ring.gathering.bytes.length;
  if (tickBytes <= persistence.segmentBytes) return;
  throw new Error(
    `market.ring_commands = ${market.ringCommands} makes ticks of ${tickBytes} bytes: expected at ` +
      `most persistence.local.segment_bytes = ${persistence.segmentBytes}`,
  );
}
