import { expect, test } from "bun:test";
import type { Session } from "../../../src/gateway/websocket/session.ts";
import { TextBurst } from "../../../src/gateway/websocket/text-burst.ts";
import { openGateway } from "../rig.ts";

const place = (id: string | number | undefined, quantity = 1) => ({
  ...(id !== undefined && { id }),
  method: "order.place",
  params: { symbol: "SYMBOL_0", side: "BUY", type: "LIMIT", quantity, price: 100 },
});

const LONG_ID = '"\u0000'.repeat(32);

test.each(["json", "msgpack"] as const)(
  "the answers of a tick come in the order of the requests, each with its id and in its encoding (%s)",
  async (encoding) => {
    await using rig = await openGateway();
    const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
    const other = encoding === "json" ? "msgpack" : "json";
    const ids = [1, "two", undefined, "drei é🏈", LONG_ID, Number.MAX_SAFE_INTEGER, "", 8];
    // Every third order is refused by the core, and every fifth comes in the other encoding.
    const asked = Array.from({ length: 400 }, (_, i) => ({
      id: ids[i % ids.length],
      isRefused: i % 3 === 2,
      isOther: i % 5 === 4,
    }));
    for (const { id, isRefused, isOther } of asked) {
      rig.send(socket, place(id, isRefused ? 1e9 : 1), isOther ? other : encoding);
    }
    await rig.loop.drained();
    const answered = socket.received.slice(-asked.length).map(({ binary, message }) => {
      const { id, error } = message as { id?: string | number; error?: object };
      return { id, isRefused: error !== undefined, isOther: binary === (encoding === "json") };
    });
    expect(answered).toEqual(asked);
    expect(rig.bugs).toEqual([]);
  },
);

test("a burst that was not sent is not sent to the next connection", () => {
  const texts = new TextBurst();
  const sent: string[] = [];
  const session = { sendText: (text: string) => sent.push(text) } as unknown as Session;
  const add = (text: string): void => {
    texts.writer.characters(text);
    texts.endFrame(session);
  };
  add("left over");
  texts.begin();
  add("first");
  add("second");
  texts.send(session);
  texts.send(session);
  expect(sent).toEqual(["first", "second"]);
});

test("a burst of any length and of any characters is sent frame by frame", () => {
  const texts = new TextBurst();
  const sent: string[] = [];
  const session = { sendText: (text: string) => sent.push(text) } as unknown as Session;
  const frames = Array.from({ length: 20_000 }, (_, i) =>
    i % 7000 === 6999 ? "é🏈".repeat(i) : "x".repeat(i % 40),
  );
  for (const frame of frames) {
    texts.writer.characters(frame);
    texts.endFrame(session);
  }
  texts.send(session);
  expect(sent).toEqual(frames);
});
