/** Runs the load once against a server, and measures what the server used for it. */
import { runClient } from "./client-process.ts";
import { ticksTotal } from "./exchange-admin.ts";
import type { LoadFigures, LoadPlan } from "./plan.ts";
import { coreShare, processUsage } from "./process-usage.ts";
import type { ServerProcess } from "./server-process.ts";

export interface LoadSample {
  client: LoadFigures;
  /** Orders acknowledged a second. */
  perSecond: number;
  /** Share of one core, over all threads of the server; null where there is no /proc. */
  serverCpu: number | null;
  /** Null for a bare server. */
  ticksPerSecond: number | null;
}

/** One answer in this many is decoded and checked against the contract. */
const CHECK_EVERY = 1000;

export async function measureLoad(
  server: ServerProcess,
  plan: Omit<LoadPlan, "check_every">,
  onMeasuring?: () => void,
): Promise<LoadSample> {
  const isBare = plan.are_answers_fixed === true;
  const state = async () => ({
    atNs: Bun.nanoseconds(),
    usage: await processUsage(server.pid),
    ticks: isBare ? undefined : await ticksTotal(server.port),
  });
  let before = await state();
  let after = before;
  const client = await runClient(
    { ...plan, check_every: isBare ? 0 : CHECK_EVERY },
    {
      onMeasuring: async () => {
        onMeasuring?.();
        before = await state();
      },
      onDone: async () => {
        after = await state();
      },
    },
  );
  // Longer than `client.seconds`, because the client starts to measure a little later.
  const seconds = (after.atNs - before.atNs) / 1e9;
  return {
    client,
    perSecond: client.acked / client.seconds,
    serverCpu: coreShare(before.usage, after.usage),
    ticksPerSecond:
      after.ticks === undefined || before.ticks === undefined
        ? null
        : (after.ticks - before.ticks) / seconds,
  };
}
