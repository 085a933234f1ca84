import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { encode } from "@msgpack/msgpack";
import { bare, invalid, resting } from "./expectations.ts";
import { Scene } from "./scene.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

const MIB = 1024 * 1024;

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);

let venue: Venue;
let symbol: string;
beforeAll(async () => {
  venue = await Venue.warm();
  symbol = venue.symbol();
});

describe.each(ENCODINGS)("a bad frame in %s", (encoding) => {
  let scene: Scene;
  let bad: WireClient;
  beforeEach(async () => {
    scene = await Scene.set(venue, symbol, encoding);
    ({ bad } = scene);
  });
  afterEach(async () => {
    await scene.expectUndisturbed();
    scene[Symbol.dispose]();
  });

  test("that is not a message gets 40000", async () => {
    const texts = [
      "",
      " ",
      "{",
      "[",
      "nul",
      "{'a':1}",
      '{"id":1,}',
      "\u0000",
      '{"id":1}x',
      "\ufeff{}x",
    ];
    const values = ["[]", "null", "1", '"ping"', "true", '[{"id":1,"method":"ping","params":{}}]'];
    for (const frame of [...texts, ...values]) {
      const answer = await bad.answerTo(frame);
      expect([frame, answer.error?.code]).toEqual([frame, 40000]);
      expect(Object.keys(answer)).toEqual(["error"]);
    }
  });

  test("that is not MessagePack gets 40000", async () => {
    const whole = encode({ id: 1, method: "ping", params: {} });
    const placing = encode({ id: 1, method: "order.place", params: scene.order });
    const frames = [
      bytes(),
      bytes(0xc1),
      bytes(0xc0),
      bytes(0x01),
      bytes(0x90),
      bytes(0xa4, 0x70, 0x69, 0x6e, 0x67),
      bytes(0xdf, 0xff, 0xff, 0xff, 0xff),
      bytes(0xdd, 0xff, 0xff, 0xff, 0xff),
      bytes(0xdb, 0xff, 0xff, 0xff, 0xff, 0x41),
      bytes(0xc6, 0x7f, 0xff, 0xff, 0xff),
      bytes(0x81, 0xa2, 0x69, 0x64),
      bytes(0x81, 0x01, 0x02),
      bytes(...whole, 0xc0),
      bytes(...whole, ...whole),
      bytes(0x82, 0xa2, 0x69, 0x64, 0x01, 0xa6, 0x6d, 0x65, 0x74, 0x68, 0x6f, 0x64, 0xa1, 0xff),
      ...Array.from(placing.keys(), (length) => placing.slice(0, length)),
    ];
    for (const frame of frames) {
      const answer = await bad.answerTo(frame);
      const hex = Buffer.from(frame).toString("hex");
      expect([hex, answer]).toEqual([hex, { error: expect.objectContaining({ code: 40000 }) }]);
    }
  });

  test("of random bytes is answered, each frame once", async () => {
    let state = 0x2545f491;
    const random = (): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    const frames = 500;
    for (let frame = 0; frame < frames; frame++) {
      // No leading map, so that no frame is a whole message that asks for no answer.
      const tail = Array.from({ length: random() % 200 }, () => random() & 0xff);
      bad.sendFrame(bytes(0x90 | (random() & 0x3f), ...tail));
    }
    await bad.result("ping");
    await bad.until(() => bad.strays.length >= frames, "an answer to each");
    expect(new Set(bad.strays.map((stray) => JSON.stringify(stray))).size).toBeLessThan(20);
    expect(bad.strays.filter((stray) => (stray as Members).result !== undefined)).toEqual([]);
    expect(bad.strays).toBeArrayOfSize(frames);
    bad.strays.length = 0;
  });

  test("with a bad id or envelope gets 40001 or 40000 without an id", async () => {
    const ids = [-1, 1.5, 2 ** 53, "x".repeat(65), true, {}, [1]];
    for (const id of ids) {
      bad.send({ id, method: "ping", params: {} });
      await bad.until(() => bad.strays.length > 0, `an answer to id ${JSON.stringify(id)}`);
      const [answer] = bad.strays.splice(0);
      expect([id, answer]).toEqual([id, { error: expect.objectContaining({ code: 40001 }) }]);
    }
    const envelopes: Members[] = [
      { id: 101 },
      { id: 102, method: 7, params: {} },
      { id: 103, method: null },
      { id: 104, method: "ping", params: [] },
      { id: 106, method: "ping", params: "x" },
      { id: 107, method: "ping", params: {}, jsonrpc: "2.0" },
      { id: 108, method: "ping", parms: {} },
    ];
    for (const envelope of envelopes) {
      const answer = await bad.ask(envelope as Members & { id: number });
      expect(answer).toEqual({ id: Number(envelope.id), error: answer.error ?? bare(40001) });
      expect([envelope, answer.error?.code]).toEqual([envelope, 40001]);
    }
  });

  test("ids of every allowed kind come back as they were", async () => {
    for (const id of [
      0,
      1,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      "",
      "a",
      "x".repeat(64),
      'q"\\\n',
      "ü🏈",
      "1",
    ]) {
      expect((await bad.ask({ id, method: "ping", params: {} })).id).toBe(id);
      const params = { ...scene.order, quantity: -1 };
      expect((await bad.ask({ id, method: "order.place", params })).id).toBe(id);
      const placed = await bad.ask({ id, method: "order.place", params: scene.order });
      expect([placed.id, placed.result?.status]).toEqual([id, "ACCEPTED"]);
      const { order_id } = placed.result ?? {};
      expect((await bad.ask({ id, method: "order.cancel", params: { order_id } })).id).toBe(id);
    }
  });

  test("a request without an id is carried out and answered without one", async () => {
    bad.send({ method: "order.place", params: scene.order });
    bad.send({ method: "order.place", params: { ...scene.order, quantity: -1 } });
    await bad.until(() => bad.strays.length === 2, "two answers");
    const answers = bad.strays.splice(0);
    expect(answers).toContainEqual({ result: resting(scene.order) });
    expect(answers).toContainEqual({ error: invalid("quantity") });
    expect(await bad.result("order.cancel_all")).toEqual({ cancelled: 1 });
  });

  test("that is nested too deeply is refused", async () => {
    for (const depth of [17, 100, 10_000, 100_000]) {
      const json = `{"id":1,"method":"ping","params":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      bad.sendFrame(json);
      await bad.until(() => bad.strays.length > 0, `an answer to depth ${depth}`);
      const [text] = bad.strays.splice(0) as [Members];
      expect((text.error as Members).code).toBeOneOf([40000, 40001]);
      const head = encode({ id: 1, method: "ping", params: null }).slice(0, -1);
      bad.sendFrame(bytes(...head, ...new Uint8Array(depth).fill(0x91), 0xc0));
      await bad.until(() => bad.strays.length > 0, `an answer to depth ${depth}`);
      const [packed] = bad.strays.splice(0) as [Members];
      expect((packed.error as Members).code).toBeOneOf([40000, 40001]);
    }
  });

  test("of half a megabyte, in one string or many members, is refused quickly", async () => {
    const long = "x".repeat(MIB / 2);
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`m${n}`, n]));
    const started = bad.responses.length;
    for (const params of [
      { symbol: long },
      { ...scene.order, client_order_id: long },
      { ...scene.order, ...many },
      { [long]: 1 },
    ]) {
      const error = await bad.refusal("order.place", params);
      expect(error.code).toBe(40001);
      expect(JSON.stringify(error).length).toBeLessThan(10_000);
    }
    expect(bad.responses.length).toBe(started + 4);
  });

  test("of 17 MB closes the connection with 1009, whatever it holds", async () => {
    for (const fill of [" ", "x"]) {
      using big = await venue.connect("/orders", encoding, scene.attacker);
      const text = fill.repeat(17_000_000);
      big.sendFrame(encoding === "json" ? text : new Uint8Array(17_000_000));
      expect((await big.closed).code).toBe(1009);
    }
  });

  test("over the frame limit is 1009 too, and a frame at the limit is not", async () => {
    const message = JSON.stringify({ id: 1, method: "ping", params: {} });
    expect((await bad.ask({ id: "at", method: "ping", params: {} })).id).toBe("at");
    bad.sendFrame(message + " ".repeat(MIB - message.length));
    await bad.until(() => bad.strays.length > 0, "an answer to a whole MiB");
    expect(bad.strays.splice(0)).toEqual([{ id: 1, result: { timestamp: expect.any(Number) } }]);
    using over = await venue.connect("/orders", encoding, scene.attacker);
    over.sendFrame(message + " ".repeat(MIB - message.length + 1));
    expect((await over.closed).code).toBe(1009);
  });
});
