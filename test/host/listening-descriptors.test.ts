import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { listeningDescriptors } from "../../src/host/listening-descriptors.ts";

const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
const hasIpv6 = addresses.some(({ address }) => address === "::1");
const HOSTS = ["127.0.0.1", "0.0.0.0", ...(hasIpv6 ? ["::1", "::"] : [])];

function listen(hostname: string): Bun.Server<undefined> {
  return Bun.serve({ hostname, port: 0, fetch: () => new Response() });
}

describe.skipIf(process.platform !== "linux")("listening sockets (Linux only)", () => {
  test.each(HOSTS)("at %s, each by its port", (hostname) => {
    using one = listen(hostname);
    using other = listen(hostname);
    const descriptors = [one, other].map(({ port }) => listeningDescriptors(port as number));
    expect(descriptors.map(({ length }) => length)).toEqual([1, 1]);
    expect(descriptors[0]).not.toEqual(descriptors[1]);
  });

  test("a connection to a port does not listen there", async () => {
    using server = listen("127.0.0.1");
    const port = server.port as number;
    const before = listeningDescriptors(port);
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => {} } });
    expect(listeningDescriptors(port)).toEqual(before);
    expect(listeningDescriptors(socket.localPort)).toEqual([]);
    socket.end();
  });
});
