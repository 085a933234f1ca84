/** Runs a client in its own process. */
import { join } from "node:path";
import { jsonLines } from "./json-lines.ts";
import type { LoadFigures, LoadPlan } from "./plan.ts";

export interface ClientMoments {
  /** The warm-up is over. */
  onMeasuring(): Promise<void>;
  /** The measured time is over. */
  onDone(): Promise<void>;
}

/** Runs `program`, which is `client.ts` of this folder by default. Rejects if it ends without figures. */
export async function runClient<Plan extends object = LoadPlan, Figures = LoadFigures>(
  plan: Plan,
  moments?: ClientMoments,
  program = join(import.meta.dir, "client.ts"),
): Promise<Figures> {
  const child = Bun.spawn([process.execPath, "--no-orphans", program], {
    stdin: new Blob([JSON.stringify(plan)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  let figures: Figures | undefined;
  for await (const line of jsonLines(child.stdout)) {
    if (line.event === "measuring") await moments?.onMeasuring();
    if (line.event !== "done") continue;
    figures = line as unknown as Figures;
    await moments?.onDone();
  }
  const exitCode = await child.exited;
  if (figures === undefined) throw new Error(`The client ended with ${exitCode} without figures`);
  return figures;
}
