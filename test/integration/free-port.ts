/** Below the range from which the system chooses ports, so nobody gets one of these by accident. */
const [PORT_MIN, PORT_MAX] = [12_000, 30_000];

/** A port that was free a moment ago, for programs that do not report the port they get for 0. */
export function freePort(): number {
  for (;;) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      return port;
    } catch (error) {
      if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    }
  }
}
