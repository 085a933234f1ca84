import { expect, test } from "bun:test";
import fc from "fast-check";
import { PartRequestIds, type RequestMark } from "../../../src/gateway/websocket/request-ids.ts";

const RECORDS = 8;

const mark: fc.Arbitrary<RequestMark> = fc.record({
  id: fc.oneof(
    fc.constant(undefined),
    fc.integer({ min: 0, max: 2 ** 40 }),
    fc.string({ maxLength: 90, unit: "grapheme" }),
  ),
  isBinary: fc.boolean(),
});

/** Records of one gathering, in their order, some without an id; and their requests. */
const gathering = fc.array(fc.option(mark), { maxLength: RECORDS });

test("the ids of a gathering are read as they were put, whatever gatherings came before", () => {
  fc.assert(
    fc.property(fc.array(gathering, { maxLength: 12 }), (gatherings) => {
      const ids = new PartRequestIds(RECORDS);
      for (const marks of gatherings) {
        marks.forEach((it, record) => {
          if (it !== null) ids.put(record, it);
        });
        marks.forEach((it, record) => {
          if (it !== null) expect(ids.read(record)).toEqual(it);
        });
      }
    }),
  );
});

test("a part full of the longest ids is not too much", () => {
  const ids = new PartRequestIds(RECORDS);
  const idOf = (round: number, record: number) => `${round}-${record}`.padEnd(64, "x");
  for (let round = 0; round < 3; round++) {
    for (let record = 0; record < RECORDS; record++) {
      ids.put(record, { id: idOf(round, record), isBinary: false });
    }
    for (let record = 0; record < RECORDS; record++) {
      expect(ids.read(record)).toEqual({ id: idOf(round, record), isBinary: false });
    }
  }
});
