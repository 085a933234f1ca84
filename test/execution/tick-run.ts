/** Applies commands to a core tick by tick, for tests of what consumes the outputs of ticks. */
import type { Core } from "../../src/core/create.ts";
import { EventKind } from "../../src/core/event.ts";
import type { TickOutput, TickStage } from "../../src/core/tick-output.ts";
import { ExecutionManager } from "../../src/execution/execution-manager.ts";
import { NO_STATE_CHECK } from "../../src/persistence/backend.ts";
import { type Command, createRecords, writeCommand } from "../core/command-builder.ts";

/** The time before the first tick, which is a millisecond later. */
const START = 1_000;

export class TickRun {
  readonly #core: Core;
  readonly #manager: ExecutionManager;
  /** By command: the number of the order that it placed. */
  readonly #orders = new Map<Command, number>();
  #ticks = 0;
  #sequence = 0;

  /** Starts on an empty core. */
  constructor(core: Core, stages: readonly TickStage[] = []) {
    this.#core = core;
    this.#manager = new ExecutionManager({
      core,
      beforeReplies: stages,
      afterReplies: [],
      onBug(error) {
        throw error;
      },
    });
  }

  /** Runs one more tick. Its time is a millisecond after the one before, unless `timestamp` is given. */
  tick(commands: readonly Command[], timestamp = START + this.#ticks + 1): TickOutput {
    const core = this.#core;
    const records = createRecords(commands.length);
    const [tick, firstSequence] = [++this.#ticks, this.#sequence + 1];
    core.beginTick(tick);
    for (const [i, command] of commands.entries()) {
      const stamp = { sequence: ++this.#sequence, timestamp };
      writeCommand(command, this.#targetOf(command), stamp, records, i);
      const from = core.events.end();
      core.apply(records.ints, records.doubles, i);
      this.#remember(command, from);
    }
    core.endTick();
    const count = commands.length;
    const header = { tick, firstSequence, timestamp, count, ...NO_STATE_CHECK };
    const batch = { ...header, first: 0, ...records };
    let told: TickOutput | undefined;
    this.#manager.tell(batch, (output) => {
      told = output;
    });
    if (told === undefined) throw new Error("the tick was not told");
    return told;
  }

  /** The number of the order that the command placed or repeated; 0 = none. */
  numberOf(command: Command): number {
    return this.#orders.get(command) ?? 0;
  }

  #targetOf({ of }: Command): number {
    return of === undefined ? 0 : this.numberOf(of);
  }

  #remember(command: Command, from: number): void {
    const { events } = this.#core;
    for (let e = from; e < events.end(); e = events.next(e)) {
      if (!events.isReply(e) || events.kind(e) !== EventKind.ORDER) continue;
      if (!this.#orders.has(command))
        this.#orders.set(command, events.orderNumber(events.order(e)));
    }
  }
}
