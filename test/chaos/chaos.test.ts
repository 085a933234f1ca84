import { expect, test } from "bun:test";
import { canMakeNetwork } from "./network.ts";
import { runChaos } from "./run.ts";

const SEED = Number(Bun.env.WAIVER_CHAOS_SEED ?? Date.now() & 0x7fff_ffff);
const SECONDS = 20;
/** Ends one that hangs, on however slow a machine. */
const TIMEOUT_MS = 900_000;

test.skipIf(!canMakeNetwork())(
  `nothing is missing and nothing comes twice, whatever fails (WAIVER_CHAOS_SEED=${SEED})`,
  async () => {
    const { kills, cuts, resumed, events, orders } = await runChaos(SECONDS, SEED);
    for (const count of [kills + cuts, resumed, events, orders]) expect(count).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
