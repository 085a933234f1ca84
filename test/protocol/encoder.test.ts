import { expect, test } from "bun:test";
import { decode } from "@msgpack/msgpack";
import { createEncoder, createResponseEncoder, type Encoder } from "../../src/protocol/encoder.ts";
import { JsonWriter } from "../../src/protocol/json-writer.ts";
import {
  ascii,
  boolean,
  constant,
  integer,
  list,
  nullable,
  number,
  object,
  optional,
  response,
  word,
} from "../../src/protocol/layout.ts";
import { encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { MessagePackWriter } from "../../src/protocol/message-pack-writer.ts";

const writer = new MessagePackWriter();

/** What both encodings of a message say, which has to be the same. */
function told<P extends unknown[]>(encoder: Encoder<P>, ...args: P): unknown {
  const json: unknown = JSON.parse(encoder.json(...args));
  expect(decode(encoder.messagePack(writer, ...args))).toEqual(json);
  return json;
}

test("members are there when their condition holds, wherever they stand", () => {
  const encoder = createEncoder<[a: number, b: number, c: string]>(
    ["a", "b", "c"],
    object({
      first: optional("a !== 0", integer("a")),
      second: optional("b !== 0", word(["one", "two"], "b - 1")),
      always: constant(null),
      last: optional('c !== ""', ascii("c")),
    }),
  );
  expect(told(encoder, 0, 0, "")).toEqual({ always: null });
  expect(told(encoder, 5, 0, "x")).toEqual({ first: 5, always: null, last: "x" });
  expect(told(encoder, 0, 2, "")).toEqual({ second: "two", always: null });
  expect(told(encoder, 5, 1, "x")).toEqual({ first: 5, second: "one", always: null, last: "x" });
});

test("words are told apart however many follow one another", () => {
  const words = Array.from({ length: 20 }, (_, i) => `word${i}`);
  const encoder = createEncoder<[a: number, b: number, c: number, d: boolean]>(
    ["a", "b", "c", "d"],
    list(word(words, "a"), word(words, "b"), word(words, "c"), boolean("d")),
  );
  for (let a = 0; a < 20; a++) {
    const [b, c, d] = [(a * 7) % 20, (a * 3) % 20, a % 2 === 0];
    expect(told(encoder, a, b, c, d)).toEqual([`word${a}`, `word${b}`, `word${c}`, d]);
  }
});

test("numbers, nulls and lists", () => {
  const encoder = createEncoder<[a: number, b: number]>(
    ["a", "b"],
    list(number("a"), nullable("b !== 0", list(integer("b"), constant("x"))), constant(true)),
  );
  expect(told(encoder, 0.5, 0)).toEqual([0.5, null, true]);
  expect(told(encoder, -3, -(2 ** 40))).toEqual([-3, [-(2 ** 40), "x"], true]);
});

test("a response has its request's id, if that had one", () => {
  const encoder = createResponseEncoder<[n: number]>(["n"], response({ n: integer("n") }));
  const jsonWriter = new JsonWriter();
  const jsonResponse = (id: string): string => {
    const ids = new TextEncoder().encode(id);
    jsonWriter.reset();
    encoder.json(jsonWriter, ids, 0, ids.length, 1);
    return jsonWriter.text();
  };
  for (const id of ['é🏈"', "", 7]) {
    const bytes = encodeMessagePack(id);
    expect(JSON.parse(jsonResponse(JSON.stringify(id)))).toEqual({ id, result: { n: 1 } });
    expect(decode(encoder.messagePack(writer, bytes, 0, bytes.length, 1))).toEqual({
      id,
      result: { n: 1 },
    });
  }
  expect(jsonResponse("")).toBe('{"result":{"n":1}}');
  expect(decode(encoder.messagePack(writer, new Uint8Array(0), 0, 0, 1))).toEqual({
    result: { n: 1 },
  });
});
