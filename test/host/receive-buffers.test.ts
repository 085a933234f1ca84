import { expect, test } from "bun:test";
import { boundReceiveBuffers } from "../../src/host/receive-buffers.ts";
import { receiveBufferOf } from "./receive-buffer-of.ts";

const BYTES = 48 * 1024;

test.skipIf(process.platform !== "linux")(
  "connections to a port have the bound of their time, those to other ports the system's",
  async () => {
    const listen = () => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    using bound = listen();
    using other = listen();
    const ordinary = await receiveBufferOf(bound.port as number);
    expect(boundReceiveBuffers(bound.port as number, BYTES)).toBe(true);
    // The system doubles it, for what it keeps beside the bytes.
    expect(await receiveBufferOf(bound.port as number)).toBe(2 * BYTES);
    expect(await receiveBufferOf(other.port as number)).toBe(ordinary);
  },
);

test("nobody listens there", async () => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const port = server.port as number;
  await server.stop(true);
  expect(boundReceiveBuffers(port, BYTES)).toBe(false);
});
