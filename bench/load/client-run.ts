/** Shared by the client processes of the load and of the REST bench. */

/** Waits for `run` and exits with 0. If `run` or `fault` rejects, prints the reason and exits with 1. */
export async function endWith(run: Promise<void>, fault: Promise<never>): Promise<never> {
  try {
    await Promise.race([run, fault]);
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}

/**
 * The time that the parent has to read the server's metrics before the measurement. Reading them holds the server for
 * 1 to 3 ms and uses a processor, so it must not happen during the measurement.
 */
const LOOK_MS = 100;

/**
 * Tells the parent that the warm-up is over, gives it time to read the server's metrics, calls `begin` and waits for
 * `secondsAsked`. Returns the time that really passed, and the share of a core that this process used in it.
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
