/** What the client processes of the load and of the REST bench have in common. */

/** Waits for `run`, then ends the process: with 1 and the reason when `run` or `fault` rejects, otherwise with 0. */
export async function endWith(run: Promise<void>, fault: Promise<never>): Promise<never> {
  try {
    await Promise.race([run, fault]);
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}

/** The parent reads the server's metrics then, which holds the server up for 1 to 3 ms, and takes a processor itself. */
const LOOK_MS = 100;

/**
 * Tells the parent that the warm-up is over, lets it look at the server, calls `begin`, and waits `secondsAsked`: the time
 * that it was, a little more, and what this process used of a core in it.
 */
export async function measuring(
  secondsAsked: number,
  begin: () => void,
): Promise<{ seconds: number; client_cpu: number }> {
  console.log(JSON.stringify({ event: "measuring" }));
  await Bun.sleep(LOOK_MS);
  begin();
  const startedNs = Bun.nanoseconds();
  const startedCpu = process.cpuUsage();
  await Bun.sleep(secondsAsked * 1000);
  const seconds = (Bun.nanoseconds() - startedNs) / 1e9;
  const cpu = process.cpuUsage(startedCpu);
  return { seconds, client_cpu: (cpu.user + cpu.system) / 1e6 / seconds };
}
