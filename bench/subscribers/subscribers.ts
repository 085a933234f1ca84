/**
 * Many connections to `/market-data`, in several processes, because one has too little time and too few descriptors.
 */
import { join } from "node:path";
import { LineProcess } from "../load/line-process.ts";
import type { SubscriberCount, SubscriberPlan } from "./plan.ts";

const PROCESSES = 4;
const PROGRAM = join(import.meta.dir, "client.ts");
/** How often the measurement is extended if no frame came: on a busy machine the disk may be slow with a tick. */
const WAITS_MAX = 3;

export interface Deliveries {
  framesPerSecond: number;
  bytesPerFrame: number;
  /** Share of a core that all processes together used. */
  cpu: number;
}

export class Subscribers {
  readonly #clients: LineProcess<SubscriberCount>[];

  private constructor(clients: LineProcess<SubscriberCount>[]) {
    this.#clients = clients;
  }

  /** Resolves when all are connected and subscribed. Rejects if a connection is refused. */
  static async open(plan: SubscriberPlan): Promise<Subscribers> {
    const clients = Array.from(
      { length: PROCESSES },
      () => new LineProcess<SubscriberCount>(PROGRAM),
    );
    const connections = Math.ceil(plan.connections / PROCESSES);
    const subscribers = new Subscribers(clients);
    try {
      await Promise.all(clients.map((client) => client.ask({ ...plan, connections })));
      return subscribers;
    } catch (error) {
      await subscribers[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Counts the frames of `seconds`. If none comes, the measurement goes on for a multiple of that. */
  async measure(seconds: number): Promise<Deliveries> {
    const sum = (counts: readonly SubscriberCount[]) =>
      counts.reduce((total, count) => total + count.frames, 0);
    const before = await this.#counts();
    let after = before;
    for (let waits = 0; waits <= WAITS_MAX && sum(after) === sum(before); waits++) {
      await Bun.sleep(seconds * 1000);
      after = await this.#counts();
    }
    const frames = sum(after) - sum(before);
    const sums: Deliveries = { framesPerSecond: 0, bytesPerFrame: 0, cpu: 0 };
    for (const [index, end] of after.entries()) {
      const start = before[index];
      const elapsed = (end.nowNs - start.nowNs) / 1e9;
      sums.framesPerSecond += (end.frames - start.frames) / elapsed;
      sums.bytesPerFrame += end.bytes - start.bytes;
      sums.cpu += (end.cpuSeconds - start.cpuSeconds) / elapsed;
    }
    if (frames === 0) throw new Error("Nothing was delivered");
    return { ...sums, bytesPerFrame: sums.bytesPerFrame / frames };
  }

  #counts(): Promise<SubscriberCount[]> {
    return Promise.all(this.#clients.map((client) => client.ask({})));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()));
  }
}
