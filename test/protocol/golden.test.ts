import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "@msgpack/msgpack";
import { Value } from "@sinclair/typebox/value";
import { MESSAGES_FILE, messagesText } from "../../scripts/client-messages.ts";
import { exampleMessages, staleFiles } from "../../scripts/proto.ts";
import type { Encoder } from "../../src/protocol/encoder.ts";
import {
  EXAMPLE_ID,
  exampleFill,
  filledState,
  pushExamples,
  restingState,
} from "../../src/protocol/examples.ts";
import { balanceEvent, positionEvent } from "../../src/protocol/holding-encoder.ts";
import { publishedSchemas } from "../../src/protocol/json-schema.ts";
import { JsonWriter } from "../../src/protocol/json-writer.ts";
import {
  bboPush,
  bookPush,
  candlePush,
  depthPush,
  heartbeatPush,
  tickerPush,
  tradePush,
} from "../../src/protocol/market-data.ts";
import { encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { MessagePackWriter } from "../../src/protocol/message-pack-writer.ts";
import { orderEvent, orderResponse } from "../../src/protocol/order-encoder.ts";
import {
  pushMessage,
  requestMessage,
  responseMessage,
} from "../../src/protocol/schemas/envelope.ts";
import { METHOD_NAMES, methods, PUSH_NAMES, pushes } from "../../src/protocol/schemas.ts";

const FOLDER = join(import.meta.dir, "../../proto");

/** The JSON text and the MessagePack, in hexadecimal, of a golden file. */
function golden(kind: string): [string, string] {
  const [json, hex] = readFileSync(join(FOLDER, "golden", `${kind}.txt`), "utf8").split("\n");
  return [json, hex];
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("what stands in proto/ is what the code says", () => {
  expect(staleFiles(FOLDER)).toEqual([]);
});

test("the client's types are those of the schemas", () => {
  expect(readFileSync(MESSAGES_FILE, "utf8")).toBe(messagesText());
});

test.each(Object.keys(exampleMessages()))("%s: both lines read as the example", (kind) => {
  const [json, messagePack] = golden(kind);
  const message = exampleMessages()[kind];
  expect([JSON.parse(json), decode(Buffer.from(messagePack, "hex"))]).toEqual([message, message]);
});

function jsonResponse(): string {
  const writer = new JsonWriter();
  const id = new TextEncoder().encode(JSON.stringify(EXAMPLE_ID));
  orderResponse.json(writer, id, 0, id.length, restingState);
  return writer.text();
}

test("the hot encoders give the golden frames", () => {
  const writer = new MessagePackWriter();
  const id = encodeMessagePack(EXAMPLE_ID);
  const { trades, bbo, balance, position, book, depth, ticker, candles, heartbeat } = pushExamples;
  const { timestamp, tick } = trades;
  const encoded: [string, string, Uint8Array][] = [];
  /** Both frames of one kind; the bytes are copied, as the next message is written over them. */
  function frames<P extends unknown[]>(kind: string, encoder: Encoder<P>, ...args: P): void {
    encoded.push([kind, encoder.json(...args), encoder.messagePack(writer, ...args).slice()]);
  }
  const flat = (side: [number, number][]) => Float64Array.from(side.flat());
  encoded.push([
    "order.place.response",
    jsonResponse(),
    orderResponse.messagePack(writer, id, 0, id.length, restingState).slice(),
  ]);
  frames("order.push", orderEvent, 42, filledState, exampleFill);
  const cash = [balance.available, balance.reserved] as const;
  frames("balance.push", balanceEvent, balance.seq, 7, ...cash, timestamp, tick);
  const shares = [position.available, position.reserved] as const;
  frames("position.push", positionEvent, position.seq, 7, 1, ...shares, timestamp, tick);
  const sides = [flat(book.bids), 3, flat(book.asks), 3] as const;
  frames("book.push", bookPush, 1, ...sides, 150, 5, timestamp, tick);
  const changes = [flat(depth.bids), 1, flat(depth.asks), 1, depth.checksum] as const;
  frames("depth.push", depthPush, 1, 992, 993, ...changes, false, tick, timestamp);
  frames("trades.push", tradePush, 1, trades.trade_id, 150, 5, 1, timestamp, tick);
  frames("bbo.push", bboPush, 1, 150, 10, 0, 0, bbo.tick, bbo.timestamp);
  const { volume, change } = ticker;
  const best = [150, 10, 151, 8] as const;
  frames(
    "ticker.push",
    tickerPush,
    1,
    148,
    152,
    147,
    150,
    volume,
    change,
    ...best,
    timestamp,
    tick,
  );
  const prices = [148, 152, 147, 150] as const;
  const { start, trades: count } = candles;
  frames("candles.push", candlePush, 1, 0, start, ...prices, candles.volume, count, false, tick);
  frames("heartbeat.push", heartbeatPush, timestamp, tick, heartbeat.sequence);
  for (const [kind, json, bytes] of encoded) {
    expect([kind, json, hex(bytes)]).toEqual([kind, ...golden(kind)]);
  }
});

test("every example is what its schema says", () => {
  const messages = exampleMessages();
  const faults = [
    ...METHOD_NAMES.flatMap((name) => [
      ...Value.Errors(requestMessage(name, methods[name].params), messages[`${name}.request`]),
      ...Value.Errors(responseMessage(methods[name].result), messages[`${name}.response`]),
    ]),
    ...PUSH_NAMES.flatMap((name) => [
      ...Value.Errors(
        pushMessage(pushes[name].stream, pushes[name].data),
        messages[`${name}.push`],
      ),
    ]),
  ];
  expect(faults.map(({ path, message }) => ({ path, message }))).toEqual([]);
});

test("every method and push is published", () => {
  expect(Object.keys(publishedSchemas())).toEqual([
    ...METHOD_NAMES.flatMap((name) => [`${name}.request`, `${name}.response`]),
    ...PUSH_NAMES.map((name) => `${name}.push`),
  ]);
});
