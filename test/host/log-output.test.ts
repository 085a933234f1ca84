import { expect, test } from "bun:test";
import { LogOutput, type LogOutputOptions } from "../../src/host/log-output.ts";
import type { LogSink } from "../../src/host/log-sink.ts";
import { until } from "../lib/until.ts";

const ENOSPC = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

/** A destination that takes lines, makes them wait, or fails. */
class Destination {
  text = "";
  opened = 0;
  fault: Error | null = null;
  isFull = false;
  #waiting: (() => void)[] = [];

  open = (): LogSink => {
    this.opened++;
    return {
      write: (text) => {
        if (this.fault !== null) throw this.fault;
        if (!this.isFull) {
          this.text += text;
          return text.length;
        }
        return new Promise((resolve, reject) => {
          this.#waiting.push(() => {
            if (this.fault !== null) return reject(this.fault);
            this.text += text;
            resolve(text.length);
          });
        });
      },
      flush: () => 0,
      end: () => 0,
    };
  };

  async read(): Promise<void> {
    this.isFull = false;
    for (const go of this.#waiting.splice(0)) go();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}

function open(options: LogOutputOptions = {}) {
  const destination = new Destination();
  const resumed: number[] = [];
  const output = new LogOutput({
    open: destination.open,
    retryMs: 5,
    onResumed: (dropped) => void resumed.push(dropped),
    ...options,
  });
  return { destination, output, resumed };
}

test("lines are written in order, at once", () => {
  const { destination, output } = open();
  output.write("a\n");
  output.write("b\n");
  expect([destination.text, destination.opened, output.reason()]).toEqual(["a\nb\n", 1, null]);
});

test("while nobody reads, lines wait up to the limit; above it they are dropped and counted", async () => {
  const { destination, output, resumed } = open({ bufferBytesMax: 12 });
  destination.isFull = true;
  for (const line of ["one\n", "two\n", "six\n"]) output.write(line);
  expect(output.reason()).toBeNull();
  for (const line of ["more\n", "lost\n"]) output.write(line);
  expect([output.reason(), output.dropped]).toEqual([
    "nobody reads standard output; 2 lines were dropped",
    2,
  ]);
  await destination.read();
  expect([destination.text, output.reason(), resumed]).toEqual(["one\ntwo\nsix\n", null, [2]]);
  output.write("new\n");
  expect([destination.text, output.dropped]).toEqual(["one\ntwo\nsix\nnew\n", 2]);
});

test("a failed write is repeated on a newly opened destination, after the end of the incomplete line", async () => {
  const { destination, output } = open();
  destination.fault = ENOSPC;
  output.write("one\n");
  output.write("two\n");
  expect(output.reason()).toBe(
    "the log cannot be written: ENOSPC: no space left on device; 0 lines were dropped",
  );
  await output.drained(20);
  expect(destination.text).toBe("");
  destination.fault = null;
  await output.drained(1000);
  expect([destination.text, output.reason()]).toEqual(["\none\ntwo\n", null]);
});

test("a destination that fails while output waits for it is opened again too", async () => {
  const { destination, output } = open();
  destination.isFull = true;
  output.write("one\n");
  destination.fault = ENOSPC;
  await destination.read();
  expect(output.reason()).toMatch("ENOSPC");
  destination.fault = null;
  await output.drained(1000);
  expect([destination.text, destination.opened]).toEqual(["\none\n", 2]);
});

test("a destination that cannot be opened counts as a failed write", async () => {
  let attempts = 0;
  const output = new LogOutput({
    open: () => {
      attempts++;
      throw ENOSPC;
    },
    retryMs: 1,
  });
  output.write("one\n");
  // By itself, again and again.
  await until(() => attempts > 2);
  expect(output.reason()).toMatch("ENOSPC");
});

test("the end waits for what can still be written, up to a time limit", async () => {
  const { destination, output } = open();
  destination.isFull = true;
  output.write("one\n");
  await output.drained(10);
  expect(destination.text).toBe("");
  const drained = output.drained(60_000);
  await destination.read();
  await drained;
  expect(destination.text).toBe("one\n");
});
