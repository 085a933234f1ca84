import { expect, test } from "bun:test";
import { boundReceiveBuffers } from "../../src/host/receive-buffers.ts";
import { receiveBoundsOf } from "./receive-bounds-of.ts";

const BYTES = 48 * 1024;

test.skipIf(process.platform !== "linux")(
  "connections to a port have the bound of their time, those to other ports the system's",
  async () => {
    const listen = () => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    using bound = listen();
    using other = listen();
    const ordinary = await receiveBoundsOf(bound.port as number);
    expect(boundReceiveBuffers(bound.port as number, BYTES)).toBe(true);
    // The system doubles it, for what it keeps beside the bytes.
    const { buffer, segment } = await receiveBoundsOf(bound.port as number);
    expect(buffer).toBe(2 * BYTES);
    // Much less than the room, so that one fits when that has become smaller.
    expect(segment).toBeLessThanOrEqual(BYTES / 4);
    expect(await receiveBoundsOf(other.port as number)).toEqual(ordinary);
  },
);

test("nobody listens there", async () => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const port = server.port as number;
  await server.stop(true);
  expect(boundReceiveBuffers(port, BYTES)).toBe(false);
});
