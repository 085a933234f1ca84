import { expect, test } from "bun:test";
import { gathered } from "../../src/lib/gathered.ts";

/** Pieces of these many bytes, and whether somebody has read them to their end. */
function pieces(...lengths: number[]) {
  const state = { given: 0, isLeft: false };
  async function* give(): AsyncGenerator<Uint8Array> {
    try {
      for (const length of lengths) yield new Uint8Array(length).fill(++state.given);
    } finally {
      state.isLeft = true;
    }
  }
  return { body: give(), state };
}

test("returns all pieces joined, and the number of bytes after each piece", async () => {
  const heard: number[] = [];
  const whole = await gathered(pieces(2, 0, 3).body, (bytes) => void heard.push(bytes));
  expect([...whole]).toEqual([1, 1, 3, 3, 3]);
  expect(heard).toEqual([2, 2, 5]);
  expect((await gathered(null)).length).toBe(0);
});

test("the next piece is requested when the last one was handled", async () => {
  const { body, state } = pieces(1, 1, 1);
  const given: number[] = [];
  await gathered(body, async () => {
    await new Promise(setImmediate);
    given.push(state.given);
  });
  expect(given).toEqual([1, 2, 3]);
});

test("an error on a piece ends the reading, and the rest is not read", async () => {
  const { body, state } = pieces(4, 4, 4);
  const reading = gathered(body, (bytes) => {
    if (bytes > 5) throw new Error(`${bytes} are too many`);
  });
  await expect(reading).rejects.toThrow("8 are too many");
  expect(state).toEqual({ given: 2, isLeft: true });
});
