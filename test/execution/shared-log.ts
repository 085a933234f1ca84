/** A fake command log that this process shares with another one. A test decides whose commands come next. */

import { COMMAND_INTS } from "../../src/core/command.ts";
import type { CommandLog, CommandLogFollower } from "../../src/execution/command-log.ts";
import {
  type CommandBatch,
  NO_STATE_CHECK,
  StorageFailedError,
} from "../../src/persistence/backend.ts";
import { type InboundBatch, InboundRing, type ReplyTo } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";

/** The clients of the other process's commands wait there and not here. */
const ELSEWHERE: ReplyTo = {
  batch: 0,
  last: -1,
  onReplies: () => {
    throw new Error("nobody here waits for it");
  },
  onFailed: () => {
    throw new Error("nobody here waits for it");
  },
};

export class SharedLog implements CommandLog {
  /** Every batch that was committed. */
  readonly batches: CommandBatch[] = [];
  readonly #follower: CommandLogFollower;
  readonly #sequencer: Sequencer;
  readonly #elsewhere = new InboundRing(1024);
  #handedIn: InboundBatch | null = null;
  #ordered: { batch: CommandBatch; commands: InboundBatch | null } | null = null;
  #failure: StorageFailedError | null = null;

  constructor(follower: CommandLogFollower, clock: { now: number }) {
    this.#follower = follower;
    this.#sequencer = new Sequencer(() => clock.now);
  }

  /** Commands of this process that wait for their place in the log. */
  get hasHandedIn(): boolean {
    return this.#handedIn !== null;
  }

  append(commands: InboundBatch): void {
    if (this.#handedIn !== null || this.#ordered?.commands) throw new Error("one at a time");
    if (this.#failure !== null) return this.#follower.onFailed(this.#failure, commands);
    this.#handedIn = commands;
  }

  /** Gives the submitted commands their place. */
  orderOwn(): void {
    const commands = this.#handedIn;
    if (commands === null) throw new Error("nothing was handed in");
    this.#handedIn = null;
    // As if it came back over the network: the memory is a copy, and only the copy is stamped.
    const ints = commands.ints.slice(0, commands.count * COMMAND_INTS);
    this.#order(this.#batchOf(ints), commands);
  }

  /** Gives a batch of the other process its place. */
  orderOther(records: readonly Int32Array[]): void {
    const ints = new Int32Array(records.length * COMMAND_INTS);
    for (const [i, words] of records.entries()) ints.set(words, i * COMMAND_INTS);
    this.#order(this.#batchOf(ints), null);
  }

  /** The ordered batch becomes durable. */
  commit(): void {
    const ordered = this.#ordered;
    if (ordered === null) throw new Error("nothing was ordered");
    this.#ordered = null;
    this.batches.push(ordered.batch);
    this.#follower.onCommitted(ordered.batch, ordered.commands);
  }

  fail(reason: string): void {
    this.#failure = new StorageFailedError(reason);
    const commands = this.#handedIn ?? this.#ordered?.commands ?? null;
    this.#handedIn = null;
    this.#ordered = null;
    this.#follower.onFailed(this.#failure, commands);
  }

  #order(batch: CommandBatch, commands: InboundBatch | null): void {
    if (this.#ordered !== null) throw new Error("one at a time");
    this.#ordered = { batch, commands };
    this.#follower.onOrdered(batch);
  }

  /** Stamps records in a batch of the log. */
  #batchOf(records: Int32Array): CommandBatch {
    const ring = this.#elsewhere;
    for (let i = 0; i * COMMAND_INTS < records.length; i++) {
      const at = ring.claim(ELSEWHERE) * COMMAND_INTS;
      ring.gathering.ints.set(records.subarray(i * COMMAND_INTS, (i + 1) * COMMAND_INTS), at);
    }
    const commands = ring.turn();
    const header = this.#sequencer.stamp(commands);
    const ints = commands.ints.slice(0, commands.count * COMMAND_INTS);
    const doubles = new Float64Array(ints.buffer);
    return { ...header, ...NO_STATE_CHECK, first: 0, ints, doubles };
  }
}
