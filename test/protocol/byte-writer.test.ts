import { expect, test } from "bun:test";
import { fourDigits } from "../../src/protocol/byte-writer.ts";

test("four digits are those of every number that has them", () => {
  const bytes = Buffer.alloc(4);
  const wrong: string[] = [];
  for (let n = 0; n < 10_000; n++) {
    bytes.writeInt32LE(fourDigits(n));
    if (bytes.toString() !== String(n).padStart(4, "0")) wrong.push(`${n}: ${bytes.toString()}`);
  }
  expect(wrong).toEqual([]);
});
