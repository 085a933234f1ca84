import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "@msgpack/msgpack";
import { Value } from "@sinclair/typebox/value";
import { exampleMessages, staleFiles } from "../../scripts/proto.ts";
import {
  EXAMPLE_ID,
  exampleFill,
  filledState,
  pushExamples,
  restingState,
} from "../../src/protocol/examples.ts";
import {
  jsonBalance,
  jsonPosition,
  writeBalance,
  writePosition,
} from "../../src/protocol/holding-encoder.ts";
import { publishedSchemas } from "../../src/protocol/json-schema.ts";
import {
  jsonBbo,
  jsonBook,
  jsonTrade,
  writeBbo,
  writeBook,
  writeTrade,
} from "../../src/protocol/market-data.ts";
import { encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { MessagePackWriter } from "../../src/protocol/message-pack-writer.ts";
import {
  jsonOrderResponse,
  jsonUserOrder,
  writeOrderResponse,
  writeUserOrder,
} from "../../src/protocol/order-encoder.ts";
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

test.each(Object.keys(exampleMessages()))("%s: both lines read as the example", (kind) => {
  const [json, messagePack] = golden(kind);
  const message = exampleMessages()[kind];
  expect([JSON.parse(json), decode(Buffer.from(messagePack, "hex"))]).toEqual([message, message]);
});

test("the hot encoders give the golden frames", () => {
  const writer = new MessagePackWriter();
  const id = encodeMessagePack(EXAMPLE_ID);
  const { trades, bbo, balance, position, book } = pushExamples;
  const { timestamp, tick } = trades;
  const bids = Float64Array.from(book.bids.flat());
  const asks = Float64Array.from(book.asks.flat());
  const bookArgs = [1, bids, 3, asks, 3, 150, 5, timestamp, tick] as const;
  const tradeArgs = [
    1,
    trades.trade_id,
    trades.price,
    trades.quantity,
    1,
    timestamp,
    tick,
  ] as const;
  const bboArgs = [1, 150, 10, 0, 0, bbo.tick, bbo.timestamp] as const;
  const { available, reserved } = balance.cash;
  const balanceArgs = [balance.seq, 7, available, reserved, timestamp, tick] as const;
  const positionArgs = [
    position.seq,
    7,
    1,
    position.available,
    position.reserved,
    timestamp,
    tick,
  ] as const;

  const encoded: [string, string, Uint8Array][] = [
    [
      "order.place.response",
      jsonOrderResponse(JSON.stringify(EXAMPLE_ID), restingState),
      writeOrderResponse(writer, id, id.length, restingState).slice(),
    ],
    [
      "order.push",
      jsonUserOrder(42, filledState, exampleFill),
      writeUserOrder(writer, 42, filledState, exampleFill).slice(),
    ],
    ["balance.push", jsonBalance(...balanceArgs), writeBalance(writer, ...balanceArgs).slice()],
    [
      "position.push",
      jsonPosition(...positionArgs),
      writePosition(writer, ...positionArgs).slice(),
    ],
    ["book.push", jsonBook(...bookArgs), writeBook(writer, ...bookArgs).slice()],
    ["trades.push", jsonTrade(...tradeArgs), writeTrade(writer, ...tradeArgs).slice()],
    ["bbo.push", jsonBbo(...bboArgs), writeBbo(writer, ...bboArgs).slice()],
  ];
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
