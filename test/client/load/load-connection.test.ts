import { describe, expect, test } from "bun:test";
import { build } from "hdr-histogram-js";
import { FrameRing } from "../../../bench/load/frame-ring.ts";
import { LoadConnection, type LoadTally } from "../../../bench/load/load-connection.ts";
import { orderFlow } from "../../../bench/load/order-flow.ts";
import { ENCODINGS, type Encoding } from "../../../src/protocol/encoding.ts";
import { StandInExchange } from "../stand-in-exchange.ts";

const SYMBOLS = ["SYMBOL_0", "SYMBOL_1"];
const IN_FLIGHT = 8;

function emptyTally(): LoadTally {
  return { acked: 0, rejected: 0, rejectCodes: {}, checked: 0, unusual: 0, latency: build() };
}

function connectionTo(
  exchange: StandInExchange,
  encoding: Encoding,
  tally: LoadTally,
  onFault: (error: Error) => void,
): LoadConnection {
  return new LoadConnection({
    hostname: "127.0.0.1",
    port: exchange.port,
    encoding,
    ring: new FrameRing(orderFlow(0, SYMBOLS, 2 * IN_FLIGHT), encoding),
    inFlightMax: IN_FLIGHT,
    apiKey: "key-1",
    apiSecret: "secret-1",
    checkEvery: 10,
    tally,
    onFault,
  });
}

describe.each([...ENCODINGS])("a connection in %s", (encoding) => {
  test("repeats its orders, counts the answers and checks some of them", async () => {
    await using exchange = new StandInExchange(SYMBOLS, { "key-1": "secret-1" });
    exchange.refuseNext("order.place", { code: 42901, message: "Order rate exceeded" });
    const tally = emptyTally();
    const faults: Error[] = [];
    const connection = connectionTo(exchange, encoding, tally, (error) => faults.push(error));

    await connection.open();
    connection.start();
    await exchange.until(() => exchange.received.length >= 200);
    await connection.stop();
    connection.close();

    const sent = exchange.received.length;
    const { latency, ...counts } = tally;
    expect({ ...counts, faults }).toEqual({
      acked: sent - 1,
      rejected: 1,
      rejectCodes: { 42901: 1 },
      unusual: 1,
      checked: Math.floor(sent / 10),
      faults: [],
    });
    expect(latency.totalCount).toBe(Math.ceil(sent / 16));
    const flow = orderFlow(0, SYMBOLS, 2 * IN_FLIGHT);
    expect(exchange.received.map(({ params }) => params)).toEqual(
      Array.from({ length: sent }, (_, index) => ({
        ...flow[index % flow.length],
        type: "LIMIT",
      })),
    );
  });

  test("reports when the server closes it", async () => {
    await using exchange = new StandInExchange(SYMBOLS, { "key-1": "secret-1" });
    const fault = Promise.withResolvers<Error>();
    const connection = connectionTo(exchange, encoding, emptyTally(), fault.resolve);

    await connection.open();
    exchange.hangUp();

    expect((await fault.promise).message).toBe("The server closed the connection");
  });
});
