import { expect, test } from "bun:test";
import { Serial } from "../../src/lib/serial.ts";

test("work runs one piece at a time, in order, and goes on after a failure", async () => {
  const serial = new Serial();
  const log: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === "b") throw new Error("b failed");
    return name;
  };
  const results = await Promise.allSettled([
    serial.run(work("a")),
    serial.run(work("b")),
    serial.run(work("c")),
  ]);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(results).toEqual([
    { status: "fulfilled", value: "a" },
    { status: "rejected", reason: new Error("b failed") },
    { status: "fulfilled", value: "c" },
  ]);
});
