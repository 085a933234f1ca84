/** Random commands of every kind as records, and functions that send them through a running exchange. */
import { COMMAND_INTS, SymbolState } from "../../src/core/command.ts";
import { type Core, createCore } from "../../src/core/create.ts";
import { EventFlag, EventKind, type Events } from "../../src/core/event.ts";
import type { Command } from "../core/command-builder.ts";
import { CommandStream, FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { Random } from "../core/fuzz/random.ts";
import { turn } from "../lib/until.ts";
import { type ExchangeEvent, nameIn } from "../reference/exchange-event.ts";
import type { Client } from "./client.ts";
import type { Rig } from "./rig.ts";
import { TickRun } from "./tick-run.ts";

const core = createCore(FUZZ_SYMBOLS);

/** The records of a seed: orders, cancels and amendments of open orders, other commands, and garbage. */
export function randomRecords(seed: number, count: number): Int32Array[] {
  const records: Int32Array[] = [];
  core.reset();
  const noting: Core = {
    ...core,
    apply(ints, doubles, index) {
      const c = index * COMMAND_INTS;
      records.push(ints.slice(c, c + COMMAND_INTS));
      core.apply(ints, doubles, index);
    },
  };
  const run = new TickRun(noting);
  const stream = new CommandStream(seed);
  while (records.length < count) tickOf(run, stream);
  return records;
}

/** Applies the stream's next command as its own tick, and gives the events to the stream. */
export function tickOf(run: TickRun, stream: CommandStream): Command {
  const command = stream.next();
  const { events } = run.tick([command], stream.now);
  stream.hear(command, heard(events));
  return command;
}

/** The events of a tick as far as a stream uses them. Order numbers are replaced by names. */
function heard(events: Events): ExchangeEvent[] {
  const list: object[] = [];
  const order = (o: number): object => {
    return { order: events.orderNumber(o), remaining: events.remaining(o) };
  };
  for (let e = 0; e < events.end(); e = events.next(e)) {
    const [kind, o] = [events.kind(e), events.order(e)];
    const has = (flag: number): boolean => (events.flags(e) & flag) !== 0;
    if (kind === EventKind.SYMBOL) {
      const state = nameIn(SymbolState, events.state(e));
      list.push({ event: "SYMBOL", symbol: events.stateSymbol(e), state });
    } else if (kind === EventKind.TRADE) {
      list.push({ event: "TRADE", taker: order(o), maker: order(events.maker(e)) });
    } else if (kind === EventKind.ORDER) {
      const [open, duplicate] = [has(EventFlag.OPEN), has(EventFlag.DUPLICATE)];
      list.push({ event: "ORDER", ...order(o), open, duplicate, reply: has(EventFlag.REPLY) });
    }
  }
  return list as ExchangeEvent[];
}

/** Sends the records in ticks of random sizes, each through one of a few clients. Returns the clients. */
export async function sendInTicks(
  { client, clock, loop }: Pick<Rig, "client" | "clock" | "loop">,
  records: readonly Int32Array[],
  seed: number,
): Promise<Client[]> {
  const random = new Random(seed);
  const clients = [client(), client(), client()];
  for (const [i, words] of records.entries()) {
    random.pick(clients).sendRecord(`${i}`, words);
    if (random.once(20)) {
      // The clock of a machine may be set back.
      clock.now += random.between(-3, 9);
      await turn();
    }
  }
  await loop.drained();
  return clients;
}
