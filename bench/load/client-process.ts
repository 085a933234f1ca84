/** Runs the client of the load in a process of its own. */
import { join } from "node:path";
import { jsonLines } from "./json-lines.ts";
import type { LoadFigures, LoadPlan } from "./plan.ts";

export interface ClientMoments {
  /** The warm-up is over. */
  onMeasuring(): Promise<void>;
  /** The measured time is over. */
  onDone(): Promise<void>;
}

/** Rejects when the client ends without figures. */
export async function runClient(plan: LoadPlan, moments?: ClientMoments): Promise<LoadFigures> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "client.ts")], {
    stdin: new Blob([JSON.stringify(plan)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  let figures: LoadFigures | undefined;
  for await (const line of jsonLines(child.stdout)) {
    if (line.event === "measuring") await moments?.onMeasuring();
    if (line.event !== "done") continue;
    figures = line as unknown as LoadFigures;
    await moments?.onDone();
  }
  const exitCode = await child.exited;
  if (figures === undefined) throw new Error(`The client ended with ${exitCode} without figures`);
  return figures;
}
