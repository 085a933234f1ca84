import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { linesOf } from "../../src/lib/lines.ts";
import { FakeTime, skipsWithoutFakeTime } from "../host/fake-time.ts";

const HOUR = 3600;

/** The clocks of an exchange (`clock-program.ts`) on a machine whose clock the test sets. */
class Clocks implements AsyncDisposable {
  readonly time = new FakeTime();
  readonly #child: Bun.Subprocess<"ignore", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;

  /** In seconds from now. */
  constructor({ stamped, due }: { stamped: number; due: number }) {
    const program = join(import.meta.dir, "clock-program.ts");
    this.#child = Bun.spawn([process.execPath, program, `${stamped}`, `${due}`], {
      env: this.time.env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#lines = linesOf(this.#child.stdout);
  }

  async line(): Promise<string | undefined> {
    return (await this.#lines.next()).value;
  }

  /** Passes over lines until each of these has begun one, in whatever order. */
  async until(...starts: string[]): Promise<void> {
    const missing = new Set(starts);
    while (missing.size > 0) {
      const line = await this.line();
      if (line === undefined) throw new Error(`the program ended without ${[...missing]}`);
      for (const start of missing) if (line.startsWith(start)) missing.delete(start);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

describe.skipIf(skipsWithoutFakeTime())("a clock that is set while the exchange runs", () => {
  test("forward: that is logged, and everything due by then is done", async () => {
    await using clocks = new Clocks({ stamped: -1, due: HOUR });
    expect(await clocks.line()).toBe("ok");
    clocks.time.set(2 * HOUR);
    const lines = [await clocks.line(), await clocks.line(), await clocks.line()].sort();
    expect(lines).toEqual([
      "due",
      "the wall clock jumped",
      "the wall clock jumped forward by 7200 s: it was set, or the machine was suspended. Check that it is right",
    ]);
  });

  test("back and forward again: in the meantime the journal is ahead", async () => {
    await using clocks = new Clocks({ stamped: -1, due: 20 * HOUR });
    expect(await clocks.line()).toBe("ok");
    clocks.time.set(-HOUR);
    const ahead = "the journal's time is ahead of the wall clock";
    await clocks.until("the journal's time is 3", "the wall clock jumped", ahead);
    clocks.time.set(0);
    await clocks.until("the wall clock has reached the journal's time", "ok");
  });

  test("back to the right time, after it was days ahead before the start: the journal is reported as ahead", async () => {
    await using clocks = new Clocks({ stamped: 40 * 24 * HOUR, due: 41 * 24 * HOUR });
    expect(await clocks.line()).toBe("the journal's time is ahead of the wall clock");
    // 40 days, less what the start takes.
    expect(await clocks.line()).toMatch(/^the journal's time is 345[56]\d{3} s ahead of the wall/);
  });
});
