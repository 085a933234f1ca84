import { beforeAll, describe, expect, test } from "bun:test";
import { RawConnection } from "./raw-connection.ts";
import { type User, Venue } from "./venue.ts";

let venue: Venue;
let victim: User;
let abuser: User;
beforeAll(async () => {
  venue = await Venue.warm();
  victim = await venue.user();
  abuser = await venue.user();
});

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);
const PING = Buffer.from('{"id":1,"method":"ping","params":{}}');

/** A frame: its first byte, FIN and opcode, and what is in it. */
type Frame = readonly [first: number, payload?: Uint8Array];

describe("what breaks the WebSocket protocol closes that connection alone", () => {
  /** Of a connection with a login: without one, half of a long message can end it before the other half comes. */
  async function closeCodeAfter(send: (connection: RawConnection) => void) {
    using connection = await RawConnection.open(venue.server.port);
    const { api_key, api_secret } = abuser;
    const login = { "X-API-KEY": api_key, "X-API-SECRET": api_secret };
    expect((await connection.upgrade("/orders", login)).status).toBe(101);
    using bystander = await venue.connect("/orders", "json", victim);
    send(connection);
    const code = await connection.closeCode();
    expect((await bystander.result("ping")).timestamp).toBeNumber();
    return code;
  }

  test.each<[string, number, Frame[]]>([
    ["a reserved opcode", 1002, [[0x83, bytes(1)]]],
    ["a reserved control opcode", 1002, [[0x8b]]],
    ["compression that was not agreed", 1002, [[0xc1, PING]]],
    ["a reserved bit", 1002, [[0xa1, PING]]],
    ["a continuation of nothing", 1002, [[0x80, bytes(1)]]],
    [
      "a message in another",
      1002,
      [
        [0x01, PING.subarray(0, 5)],
        [0x81, PING],
      ],
    ],
    ["a ping in fragments", 1002, [[0x09]]],
    ["a long ping", 1002, [[0x89, new Uint8Array(126)]]],
    ["half a close code", 1002, [[0x88, bytes(3)]]],
    ["a close code that is none", 1002, [[0x88, bytes(0x03, 0xed)]]],
    ["text that is not UTF-8", 1007, [[0x81, bytes(0xff, 0xfe)]]],
    [
      "half a character",
      1007,
      [
        [0x01, bytes(0xe2, 0x82)],
        [0x80, bytes(0x78)],
      ],
    ],
    ["half a surrogate pair", 1007, [[0x81, bytes(0xed, 0xa0, 0x80)]]],
    ["a reason that is not UTF-8", 1007, [[0x88, bytes(0x03, 0xe8, 0xff)]]],
    ["more than a frame may have", 1009, [[0x81, new Uint8Array(1_048_577)]]],
    [
      "as much in fragments",
      1009,
      [
        [0x01, new Uint8Array(600_000)],
        [0x80, new Uint8Array(600_000)],
      ],
    ],
  ])("%s: %d", async (_, code, frames) => {
    const closed = closeCodeAfter((connection) => {
      for (const [first, payload = bytes()] of frames) connection.sendFrame(first, payload);
    });
    expect(await closed).toBe(code);
  });

  test("an unmasked frame: 1002", async () => {
    const code = await closeCodeAfter((connection) => {
      connection.socket.write(bytes(0x81, 0x02, 0x7b, 0x7d));
    });
    expect(code).toBe(1002);
  });

  test.each([
    ["2^40 bytes", bytes(0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4)],
    ["2^63 bytes", bytes(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4)],
  ])("the announcement of %s: 1009", async (_, head) => {
    expect(await closeCodeAfter(({ socket }) => void socket.write(head))).toBe(1009);
  });

  test("a peer that hangs up in the middle of a frame", async () => {
    using connection = await RawConnection.open(venue.server.port);
    await connection.upgrade("/orders");
    connection.socket.write(bytes(0x81, 0xfe, 0x40));
    connection.socket.destroy();
    using bystander = await venue.connect("/orders", "json", victim);
    expect((await bystander.result("ping")).timestamp).toBeNumber();
  });
});

test("one message in many fragments, with control frames between them, is one message", async () => {
  using connection = await RawConnection.open(venue.server.port);
  await connection.upgrade("/orders");
  connection.sendFrame(0x01, PING.subarray(0, 5));
  for (let at = 5; at < PING.length; at++) {
    connection.sendFrame(0x89, bytes(at));
    connection.sendFrame(0x00, PING.subarray(at, at + 1));
    connection.sendFrame(0x8a, bytes());
  }
  connection.sendFrame(0x80, bytes());
  connection.sendFrame(0x88, bytes(0x03, 0xe8));
  expect(await connection.closeCode()).toBe(1000);
});

test.each([
  ["waiver.json", 0x82, 2],
  ["waiver.msgpack", 0x81, 1],
] as const)(
  "a frame of the other kind than %s is no 1003: it is answered as it came",
  async (protocol, first, opcode) => {
    using connection = await RawConnection.open(venue.server.port);
    await connection.upgrade("/orders", { "Sec-WebSocket-Protocol": protocol });
    const packed = bytes(0x81, 0xa6, ...Buffer.from("method"), 0xa4, ...Buffer.from("ping"));
    connection.sendFrame(first, first === 0x81 ? PING : packed);
    connection.sendFrame(0x88, bytes(0x03, 0xe8));
    expect(await connection.closeCode()).toBe(1000);
    expect(connection.opcodes()).toEqual([opcode, 8]);
  },
);
