/**
 * `bun bench/protocol/codecs.bench.ts [--short]`: the codecs of the hot messages against the general ones.
 *
 * 64 different messages are used in turn, so that no branch always goes the same way. `charCodeAt` makes the engine
 * join the pieces of a JSON text, as sending it would. Without it the pieces would only be linked.
 */
import { decode, encode } from "@msgpack/msgpack";
import { do_not_optimize, group } from "mitata";
import { textInto } from "../../src/lib/text-into.ts";
import { checkParams } from "../../src/protocol/check.ts";
import { readEnvelope } from "../../src/protocol/envelope.ts";
import { BINARY_START } from "../../src/protocol/flat-writer.ts";
import { createOrderJsonDecoder } from "../../src/protocol/json-order-decoder.ts";
import { JsonWriter } from "../../src/protocol/json-writer.ts";
import { bookPush, tradePush } from "../../src/protocol/market-data.ts";
import { decodeMessagePack } from "../../src/protocol/message-pack.ts";
import { MessagePackWriter } from "../../src/protocol/message-pack-writer.ts";
import { decodeOrderMsgpack } from "../../src/protocol/order-decoder.ts";
import { orderEvent, orderResponse } from "../../src/protocol/order-encoder.ts";
import { fillOrderRequest, OrderRequest } from "../../src/protocol/order-request.ts";
import { Fill, OrderState, orderStateObject } from "../../src/protocol/order-state.ts";
import type { PlaceParams } from "../../src/protocol/schemas/orders.ts";
import { putUsualJson } from "../../src/protocol/usual-reply-json.ts";
import { putUsualMessagePack } from "../../src/protocol/usual-reply-message-pack.ts";
import { bench, run } from "../micro-bench.ts";

const decodeOrderJson = createOrderJsonDecoder(textInto);
const COUNT = 64;
const WARM_UP_CALLS = Bun.argv.includes("--short") ? 0 : 50_000;
const indexes = Array.from({ length: COUNT }, (_, i) => i);

const requests = indexes.map((i) => ({
  id: `req_${1000 + i}`,
  method: "order.place",
  params: {
    symbol: `SYMBOL_${i % 50}`,
    side: i % 2 === 0 ? "BUY" : "SELL",
    type: "LIMIT",
    price: 150 + (i % 50),
    quantity: 10 + i,
    account_id: `acc_${100 + i}`,
  } satisfies PlaceParams,
}));
const texts = requests.map((request) => JSON.stringify(request));
const frames = requests.map((request) => encode(request));
const states = indexes.map((i) =>
  Object.assign(new OrderState(), {
    orderNumber: 6_291_456 + 77 * i,
    symbol: i % 50,
    side: i % 2,
    price: 150 + i,
    quantity: 10 + i,
    filled: i % 4 === 0 ? 5 : 0,
    notional: i % 4 === 0 ? 5 * (150 + i) : 0,
    status: i % 4 === 0 ? 1 : 0,
    createdAt: 1_640_995_200_000,
    timestamp: 1_640_995_200_000,
    tick: 12_345,
  }),
);
const idTexts = requests.map(({ id }) => Buffer.from(JSON.stringify(id)));
const idFrames = requests.map(({ id }) => encode(id));
const fill = Object.assign(new Fill(), { price: 150, quantity: 5, tradeId: 777, liquidity: 1 });
const bids = Float64Array.from(indexes.slice(0, 20).flatMap((i) => [150 - i, 10 + i]));
const asks = Float64Array.from(indexes.slice(0, 20).flatMap((i) => [151 + i, 10 + i]));

const request = new OrderRequest();
const writer = new MessagePackWriter();
const jsonWriter = new JsonWriter();
let turn = 0;
const next = (): number => {
  turn = (turn + 1) % COUNT;
  return turn;
};

/** Checks a decoded message and fills `request` from it, as the general path does. */
function general(message: unknown): number {
  const envelope = readEnvelope(message);
  if ("error" in envelope || checkParams("order.place", envelope.params) !== null) {
    throw new Error("the example is refused");
  }
  fillOrderRequest(request, "order.place", envelope.params as PlaceParams);
  return request.price;
}

function response(i: number): object {
  return { id: requests[i].id, result: orderStateObject(states[i]) };
}

/**
 * Adds a bench of a function that is already compiled. If the first call is slow, mitata times every call separately
 * and its own overhead is in the figure.
 */
function measure(name: string, job: () => unknown): void {
  for (let i = 0; i < WARM_UP_CALLS; i++) do_not_optimize(job());
  bench(name, job);
}

group("order.place in", () => {
  measure("MessagePack, hot decoder", () => {
    const i = next();
    return do_not_optimize(decodeOrderMsgpack(frames[i], frames[i].length, request));
  });
  measure("MessagePack, library decode alone", () => do_not_optimize(decode(frames[next()])));
  measure("MessagePack, general path", () => general(decodeMessagePack(frames[next()])));
  measure("JSON, hot decoder", () => do_not_optimize(decodeOrderJson(texts[next()], request)));
  measure("JSON.parse alone", () => do_not_optimize(JSON.parse(texts[next()])));
  measure("JSON, general path", () => general(JSON.parse(texts[next()])));
  measure("compiled check and rules alone", () =>
    do_not_optimize(checkParams("order.place", requests[next()].params)),
  );
});

group("order response out", () => {
  measure("MessagePack, hot encoder", () => {
    const i = next();
    return do_not_optimize(
      orderResponse.messagePack(writer, idFrames[i], 0, idFrames[i].length, states[i]),
    );
  });
  measure("MessagePack, usual answer", () => {
    const i = next();
    return do_not_optimize(
      putUsualMessagePack(BINARY_START, idFrames[i], 0, idFrames[i].length, states[i]),
    );
  });
  measure("JSON, usual answer, bytes", () => {
    const i = next();
    return do_not_optimize(putUsualJson(0, idTexts[i], 0, idTexts[i].length, states[i]));
  });
  measure("MessagePack, object and library", () => do_not_optimize(encode(response(next()))));
  measure("JSON, hot encoder, bytes", () => {
    const i = next();
    jsonWriter.reset();
    orderResponse.json(jsonWriter, idTexts[i], 0, idTexts[i].length, states[i]);
    return do_not_optimize(jsonWriter.length);
  });
  measure("JSON, hot encoder, text of one message", () => {
    const i = next();
    jsonWriter.reset();
    orderResponse.json(jsonWriter, idTexts[i], 0, idTexts[i].length, states[i]);
    return do_not_optimize(jsonWriter.text().charCodeAt(0));
  });
  measure("JSON, object and stringify", () =>
    do_not_optimize(JSON.stringify(response(next())).charCodeAt(0)),
  );
});

group("pushes out", () => {
  measure("order event, MessagePack", () =>
    do_not_optimize(orderEvent.messagePack(writer, 42, states[next()], fill)),
  );
  measure("order event, JSON", () =>
    do_not_optimize(orderEvent.json(42, states[next()], fill).charCodeAt(0)),
  );
  measure("trade, MessagePack", () =>
    do_not_optimize(
      tradePush.messagePack(writer, next(), 777, 150, 5, 1, 1_640_995_200_000, 12_345),
    ),
  );
  measure("trade, JSON", () =>
    do_not_optimize(
      tradePush.json(next(), 777, 150, 5, 1, 1_640_995_200_000, 12_345).charCodeAt(0),
    ),
  );
  measure("book of 20 levels, MessagePack", () =>
    do_not_optimize(
      bookPush.messagePack(writer, next(), bids, 20, asks, 20, 150, 5, 1_640_995_200_000, 12_345),
    ),
  );
  measure("book of 20 levels, JSON", () =>
    do_not_optimize(
      bookPush.json(next(), bids, 20, asks, 20, 150, 5, 1_640_995_200_000, 12_345).charCodeAt(0),
    ),
  );
});

await run();
