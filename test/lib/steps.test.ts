import { expect, test } from "bun:test";
import { runSteps, runStepsBeside } from "../../src/lib/steps.ts";

function* work(seen: string[]): Generator<void, string> {
  try {
    for (let step = 1; step <= 3; step++) {
      seen.push(`step ${step}`);
      yield;
    }
    return "done";
  } finally {
    seen.push("cleaned up");
  }
}

test("all at once", () => {
  const seen: string[] = [];
  expect(runSteps(work(seen))).toBe("done");
  expect(seen).toEqual(["step 1", "step 2", "step 3", "cleaned up"]);
});

test("with room for other work between the steps", async () => {
  const seen: string[] = [];
  const result = runStepsBeside(work(seen));
  setImmediate(() => seen.push("somebody else"));
  expect(await result).toBe("done");
  expect(seen).toEqual(["step 1", "step 2", "somebody else", "step 3", "cleaned up"]);
});

test("left when it is asked to end, cleaned up after", async () => {
  const seen: string[] = [];
  const end = new AbortController();
  const result = runStepsBeside(work(seen), end.signal);
  end.abort(new Error("asked to end"));
  await expect(result).rejects.toThrow("asked to end");
  expect(seen).toEqual(["step 1", "cleaned up"]);
});

test("an error in a step goes to the caller", async () => {
  function* failing(): Generator<void, never> {
    yield;
    throw new Error("damaged");
  }
  expect(() => runSteps(failing())).toThrow("damaged");
  await expect(runStepsBeside(failing())).rejects.toThrow("damaged");
});
