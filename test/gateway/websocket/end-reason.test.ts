import { expect, test } from "bun:test";
import { foreignReason, ownReason } from "../../../src/gateway/websocket/end-reason.ts";
import { CloseCode } from "../../../src/protocol/close-codes.ts";
import { RawConnection } from "../../integration/raw-connection.ts";
import { openRealExchange } from "../real-exchange.ts";

test("each code of the exchange's has its own word", () => {
  const words = Object.values(CloseCode).map(ownReason);
  expect(words.toSorted()).toEqual([
    "beyond_limit",
    "login_over",
    "no_login",
    "shutdown",
    "slow_consumer",
  ]);
});

test("what a client says of his end is not taken for what the exchange ends", () => {
  for (const code of [1000, 1005, 1008, 1009, 4008]) {
    expect(foreignReason(code, "Received too big message")).toBe("client");
  }
});

test("a real server tells these ends apart", async () => {
  await using exchange = await openRealExchange({
    WAIVER_GATEWAY__FRAME_BYTES_MAX: "1024",
    WAIVER_GATEWAY__LOGIN_TIMEOUT_MS: "100",
  });
  const open = async (path = "/market-data") => {
    const connection = await RawConnection.open(exchange.exchange.port);
    await connection.upgrade(path);
    return connection;
  };
  const counts = async () => {
    const page = await (await fetch(`http://${exchange.url}/metrics`)).text();
    return Object.fromEntries(
      [...page.matchAll(/^waiver_disconnects_total\{reason="(\w+)"\} (\d+)$/gm)]
        .filter(([, , count]) => count !== "0")
        .map(([, reason = "", count]) => [reason, Number(count)]),
    );
  };
  using left = await open();
  left.sendFrame(0x88, Buffer.from([0x0f, 0xa8]));
  await left.closeCode();
  using long = await open();
  long.sendFrame(0x81, Buffer.alloc(2048, 0x20));
  await long.closeCode();
  using broken = await open();
  broken.sendFrame(0x81, Buffer.from([0xff, 0xfe]));
  await broken.closeCode();
  using stranger = await open("/orders");
  await stranger.closeCode();
  const lost = await open();
  lost.socket.destroy();
  let seen = await counts();
  while (seen.lost === undefined) seen = await counts();
  expect(seen).toEqual({ client: 1, too_long: 1, malformed: 1, no_login: 1, lost: 1 });
});
