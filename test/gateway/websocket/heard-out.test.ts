import { expect, test } from "bun:test";
import { openRealExchange } from "../real-exchange.ts";

const UPGRADE = [
  ...["GET /market-data HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""],
].join("\r\n");
const REST = Buffer.alloc(65_536, 0xff);

/**
 * Opens a WebSocket that ends with this frame, and goes on sending, whatever it is told. Resolves with what it was told
 * when the connection is gone.
 */
async function sendOn(port: number, last: Buffer): Promise<string> {
  let told = "";
  let isOpen = true;
  const { promise, resolve } = Promise.withResolvers<void>();
  const gone = (): void => {
    isOpen = false;
    resolve();
  };
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    allowHalfOpen: true,
    socket: {
      data(socket, chunk) {
        if (told === "") socket.write(last);
        told += Buffer.from(chunk).toString("latin1");
      },
      // The other side has said its last word: that is no reason to stop.
      end() {},
      close: gone,
      error: gone,
    },
  });
  client.write(UPGRADE);
  while (isOpen) {
    if (told !== "" && client.write(REST) < 0) gone();
    await new Promise(setImmediate);
  }
  await promise;
  return told;
}

const MALFORMED = Buffer.from([0xff, 0xff, 0xff]);
const CLOSE = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

test.skipIf(process.platform !== "linux")(
  "who goes on sending when the WebSocket is closed is not read for ever, whoever closed it and however many they are",
  async () => {
    await using real = await openRealExchange();
    const { port } = real.exchange;
    const isTold = (told: string, code: number): boolean =>
      told.includes(String.fromCharCode(code >> 8, code & 0xff));
    expect(isTold(await sendOn(port, MALFORMED), 1002)).toBe(true);
    expect(isTold(await sendOn(port, CLOSE), 1000)).toBe(true);
    const crowd = Array.from({ length: 40 }, (_, n) => sendOn(port, n % 2 ? CLOSE : MALFORMED));
    for (const told of await Promise.all(crowd)) expect(told).toStartWith("HTTP/1.1 101");
    const reader = real.connect("market-data");
    expect((await reader.ask("ping")).result).toBeDefined();
  },
);
