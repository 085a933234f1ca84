import { beforeAll, describe, expect, test } from "bun:test";
import { RawConnection } from "./raw-connection.ts";
import { type User, Venue } from "./venue.ts";

let venue: Venue;
let victim: User;
beforeAll(async () => {
  venue = await Venue.warm();
  victim = await venue.user();
});

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);

describe("what breaks the WebSocket protocol closes that connection alone", () => {
  async function closeCodeAfter(send: (connection: RawConnection) => void) {
    using connection = await RawConnection.open(venue.server.port);
    expect((await connection.upgrade("/orders")).status).toBe(101);
    using bystander = await venue.connect("/orders", "json", victim);
    send(connection);
    const code = await connection.closeCode();
    expect((await bystander.result("ping")).timestamp).toBeNumber();
    return code;
  }

  test("a reserved opcode", async () => {
    const code = await closeCodeAfter((connection) => connection.sendFrame(0x83, bytes(1)));
    expect(code).toBeOneOf([1002, undefined]);
  });

  test("an unmasked frame", async () => {
    const code = await closeCodeAfter((connection) => {
      connection.socket.write(bytes(0x81, 0x02, 0x7b, 0x7d));
    });
    expect(code).toBeOneOf([1002, undefined]);
  });

  test("text that is not UTF-8", async () => {
    const code = await closeCodeAfter((connection) =>
      connection.sendFrame(0x81, bytes(0xff, 0xfe)),
    );
    expect(code).toBeOneOf([1007, 1002, 1003, undefined]);
  });

  test("a continuation of nothing", async () => {
    const code = await closeCodeAfter((connection) => connection.sendFrame(0x80, bytes(1)));
    expect(code).toBeOneOf([1002, undefined]);
  });

  test("a peer that hangs up in the middle of a frame", async () => {
    using connection = await RawConnection.open(venue.server.port);
    await connection.upgrade("/orders");
    connection.socket.write(bytes(0x81, 0xfe, 0x40));
    connection.socket.destroy();
    using bystander = await venue.connect("/orders", "json", victim);
    expect((await bystander.result("ping")).timestamp).toBeNumber();
  });

  test("one message in many fragments is one message", async () => {
    using connection = await RawConnection.open(venue.server.port);
    await connection.upgrade("/orders");
    const text = Buffer.from('{"id":1,"method":"ping","params":{}}');
    connection.sendFrame(0x01, text.subarray(0, 5));
    for (let at = 5; at < text.length; at++) connection.sendFrame(0x00, text.subarray(at, at + 1));
    connection.sendFrame(0x80, bytes());
    connection.sendFrame(0x88, bytes(0x03, 0xe8));
    expect(await connection.closeCode()).toBe(1000);
  });
});
