/**
 * `bun bench/webhooks/webhooks.bench.ts [--short] [--dir DIR]`: what webhooks of users who trade cost in each tick. The
 * same orders are sent at the same planned times with 0, 1 and 100 webhooks, in turns. A receiver in another process
 * takes every post. There are more events than may be posted (500 a second), so with one webhook or more there are
 * always posts in flight.
 */
import { join } from "node:path";
import { readBenchOptions } from "../bench-options.ts";
import { median, rounded } from "../figures.ts";
import { cancelAll } from "../load/exchange-admin.ts";
import { measureLoad } from "../load/measure.ts";
import type { LoadUser } from "../load/plan.ts";
import { type ServerProcess, startBareServer, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";

const HOOKS = [0, 1, 100] as const;
const PER_USER = 10;
const LOAD = { connections: 16, symbols: 50 };

const { short, parentDir } = readBenchOptions();
const ROUNDS = short ? 1 : 7;
const ORDERS_PER_S = short ? 500 : 10_000;
const TIMES = short ? { warmup_s: 0.1, seconds: 0.2 } : { warmup_s: 0.5, seconds: 3 };

interface Sample {
  /** Share of a core. */
  cpu: number;
  ticks: number;
  p50: number;
  p99: number;
}

// The receiver is on this machine, which webhooks may not reach by default.
process.env.WAIVER_WEBHOOKS__ALLOWED_NETWORKS = "127.0.0.1";
await using exchange = await startExchange({
  ...{ parentDir, durability: "fsync", connections: LOAD.connections },
});
await using receiver = await startBareServer(join(import.meta.dir, "receiver.ts"));
const target = await exchangeTarget(exchange, LOAD);
const samples = new Map<number, Sample[]>(HOOKS.map((hooks) => [hooks, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const hooks of HOOKS) {
    await setHooks(exchange, target.users, hooks);
    samples.get(hooks)?.push(await measure());
    await cancelAll(exchange.port, target.users);
  }
}
const of = (hooks: number, pick: (sample: Sample) => number): number =>
  median((samples.get(hooks) ?? []).map(pick));
console.log(
  JSON.stringify({
    bench: "webhooks",
    settings: { ...LOAD, rounds: ROUNDS, orders_per_s: ORDERS_PER_S, ...TIMES },
    hooks: HOOKS.map((hooks) => ({
      hooks,
      cpu: rounded(
        of(hooks, ({ cpu }) => cpu),
        3,
      ),
      ticks_per_s: rounded(
        of(hooks, ({ ticks }) => ticks),
        0,
      ),
      // The difference to no webhooks, in each round.
      cpu_us_a_tick: rounded(more(hooks), 1),
      p50_us: rounded(
        of(hooks, ({ p50 }) => p50),
        0,
      ),
      p99_us: rounded(
        of(hooks, ({ p99 }) => p99),
        0,
      ),
    })),
  }),
);

function more(hooks: number): number {
  const without = samples.get(0) ?? [];
  const own = (samples.get(hooks) ?? []).map(
    ({ cpu, ticks }, round) => ((cpu - without[round].cpu) / ticks) * 1e6,
  );
  return median(own);
}

async function measure(): Promise<Sample> {
  const { client, serverCpu, ticksPerSecond } = await measureLoad(exchange, {
    ...target,
    ...{ encoding: "json", flow: "balanced", in_flight: 256, latency_every: 10 },
    ...{ orders_per_s: ORDERS_PER_S, ...TIMES },
  });
  if (serverCpu === null || ticksPerSecond === null) throw new Error("No figures of the server");
  const { p50, p99 } = client.latency_us;
  return { cpu: serverCpu, ticks: ticksPerSecond, p50, p99 };
}

/** Deletes the users' webhooks and creates `count` new ones, at most ten for each user. */
async function setHooks(
  { port }: ServerProcess,
  users: readonly LoadUser[],
  count: number,
): Promise<void> {
  const base = `http://127.0.0.1:${port}/api/v1/webhooks`;
  const url = `http://127.0.0.1:${receiver.port}/`;
  for (const [index, user] of users.entries()) {
    const headers = { "X-API-KEY": user.api_key, "X-API-SECRET": user.api_secret };
    const ask = async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${base}${path}`, {
        method,
        headers: { ...headers, "Content-Type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
      return (await answer.json()) as { webhooks: { webhook_id: string }[] };
    };
    for (const { webhook_id } of (await ask("GET", "")).webhooks) {
      await ask("DELETE", `/${webhook_id}`);
    }
    const own = Math.min(PER_USER, count - index * PER_USER);
    for (let n = 0; n < own; n++) await ask("POST", "", { url });
  }
}
