/**
 * A process that lives as the exchange does (`runUntilStopped`): answers on a port that it prints on standard error,
 * and logs without end: `stand-in-program.ts [STUCK] [FORMAT]`. Its start never ends where STUCK is `start`; its close
 * waits for SIGUSR2 where it is `close`, and may not take that long where it is `drain`. Where it is `throw` or `reject`, a
 * timer throws or nobody hears a rejection.
 */
import pino from "pino";
import { inForm, type LogForm } from "../../src/host/log-form.ts";
import { LogOutput } from "../../src/host/log-output.ts";
import { runUntilStopped } from "../../src/host/run-until-stopped.ts";

const [, , stuck, format = "auto"] = process.argv;
const form = { format, hasColours: process.env.NO_COLOR === undefined } as LogForm;
const output = new LogOutput({ bufferBytesMax: 100_000, retryMs: 50 });
const log = pino({ base: null }, inForm(form, output));

await runUntilStopped({
  log,
  output,
  async start(signal) {
    process.stderr.write("starting\n");
    while (stuck === "start") {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    const server = Bun.serve({
      port: 0,
      fetch: () => Response.json({ dropped: output.dropped, reason: output.reason() }),
    });
    process.stderr.write(`port ${server.port}\n`);
    if (stuck === "throw") {
      setTimeout(() => {
        throw new Error("nobody catches this");
      });
    }
    if (stuck === "reject") void Promise.reject(new Error("nobody catches this"));
    const timer = setInterval(() => {
      for (let i = 0; i < 20; i++) log.info({ text: "x".repeat(500) }, "busy");
    }, 5);
    return {
      async close() {
        const { promise, resolve } = Promise.withResolvers<void>();
        process.on("SIGUSR2", () => resolve());
        process.stderr.write("closing\n");
        if (stuck === "close" || stuck === "drain") await promise;
        clearInterval(timer);
        process.stderr.write("closed\n");
      },
      async cut() {
        process.stderr.write("cut\n");
      },
    };
  },
  ...(stuck === "drain" && { drainTimeoutMs: 1 }),
  reload: () => void process.stderr.write("reloaded\n"),
});
