/** Writes a journal of plain orders as the exchange would, with state checks, but does not wait for the disk. */
import { EventKind, type Events } from "../../src/core/event.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { ExchangeState } from "../../src/records/exchange-state.ts";
import { InboundRing, type ReplyTo } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { PlainOrders } from "./plain-orders.ts";

/** The most symbols that there can be, as in the exchange's own configuration. */
export const SYMBOLS_MAX = 4096;
const SET_UP_BATCH = 1024;
const FIRST_TIME = 1_700_000_000_000;
const MILLISECONDS_PER_TICK = 1;

export interface PlainJournalOptions {
  directory: string;
  /** Commands that place or cancel orders. The commands that set up the exchange are not counted. */
  commands: number;
  /** How many orders rest before anything trades. */
  prefill: number;
  /** Commands in a batch. */
  batch: number;
  clientIds: boolean;
}

export interface PlainJournal {
  /** All commands, including those that set up the exchange. */
  commands: number;
  /** Orders that rest at the end. */
  resting: number;
}

export async function writePlainJournal(options: PlainJournalOptions): Promise<PlainJournal> {
  const { directory, batch: batchRecords } = options;
  const backend = new LocalPersistence({ directory, durability: "none" });
  backend.recover({ apply: () => undefined });
  backend.open();
  const { core, check } = new ExchangeState(SYMBOLS_MAX);
  const orders = new PlainOrders(options);
  const ring = new InboundRing(Math.max(SET_UP_BATCH, batchRecords) * 2);
  let time = FIRST_TIME;
  const sequencer = new Sequencer(() => (time += MILLISECONDS_PER_TICK));
  const commands = orders.setUpCount + options.commands;
  let rejects = 0;
  for (let done = 0; done < commands; ) {
    const isSetUp = done < orders.setUpCount;
    const left = (isSetUp ? orders.setUpCount : commands) - done;
    const count = Math.min(left, isSetUp ? SET_UP_BATCH : batchRecords);
    for (let i = 0; i < count; i++) orders.write(ring.gathering, ring.claim(NOBODY));
    const batch = ring.turn();
    const info = sequencer.stamp(batch);
    check.stamp(info);
    backend.append(batch.written(), info);
    core.beginTick(info.tick);
    for (let i = 0; i < count; i++) core.apply(batch.ints, batch.doubles, i);
    core.endTick();
    orders.learn(core);
    rejects += countRejects(core.events);
    done += count;
  }
  await backend.close();
  if (rejects > commands / 100) throw new Error(`${rejects} of ${commands} commands were refused`);
  return { commands, resting: core.view.openOrderCount() };
}

/** Nobody waits for the replies to the commands. */
const NOBODY: ReplyTo = {
  batch: 0,
  last: 0,
  onReplies: () => undefined,
  onFailed: () => undefined,
};

function countRejects(events: Events): number {
  let count = 0;
  for (let e = 0; e < events.end(); e = events.next(e)) {
    if (events.kind(e) === EventKind.REJECT) count++;
  }
  return count;
}
