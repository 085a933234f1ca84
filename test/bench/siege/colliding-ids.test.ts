import { expect, test } from "bun:test";
import { collidingIds, unkeyedHash } from "../../../bench/siege/colliding-ids.ts";
import { seededRandom } from "../../../src/demo/random.ts";

test("ids are different, valid, and have one hash", () => {
  const ids = collidingIds(7, 5_000, seededRandom(1));
  expect(new Set(ids).size).toBe(5_000);
  expect(ids.filter((id) => !/^[\w-]{8}$/.test(id))).toEqual([]);
  expect(new Set(ids.map((id) => unkeyedHash(7, id)))).toEqual(new Set([0]));
});

test("they collide for their account only, and follow from the seed", () => {
  const ids = collidingIds(7, 100, seededRandom(1));
  expect(new Set(ids.map((id) => unkeyedHash(8, id))).size).toBeGreaterThan(90);
  expect(collidingIds(7, 100, seededRandom(1))).toEqual(ids);
  expect(collidingIds(7, 100, seededRandom(2))).not.toEqual(ids);
});
