import { expect, test } from "bun:test";
import { encode } from "@msgpack/msgpack";
import { Opcode } from "../../../bench/load/client-frames.ts";
import { Tally, tallyText } from "../../../bench/siege/tally.ts";

function counted(opcode: number, ...payloads: Uint8Array[]): Record<string, number> {
  const tally = new Tally();
  for (const payload of payloads) tally.frame(opcode, Buffer.from(payload));
  return tally.answers;
}

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const result = { id: 1, result: { status: "FILLED", code: 12345 } };
const refusal = { id: 2, error: { code: 42902, message: "Market-data rate" } };
const anonymous = { error: { code: 40000, message: "Not JSON" } };
const push = { stream: "trades", data: { price: 1 } };

test("answers are counted by code, pushes are not", () => {
  const counts = { ok: 1, 42902: 1, 40000: 1 };
  const messages = [result, refusal, anonymous, push];
  expect(counted(Opcode.TEXT, ...messages.map(json))).toEqual(counts);
  expect(counted(Opcode.BINARY, ...messages.map((each) => encode(each)))).toEqual(counts);
});

test("each order of a batch counts", () => {
  const error = { code: 40910, message: "Capacity" };
  const results = [{ result: { status: "ACCEPTED" } }, { error }, { result: {} }, { error }];
  expect(counted(Opcode.TEXT, json({ id: 3, result: { results } }))).toEqual({ ok: 2, 40910: 2 });
});

test("the most frequent stands first", () => {
  expect(tallyText({ ok: 1, 42902: 17 })).toBe("42902 × 17, ok × 1");
  expect(tallyText({})).toBe("");
});
