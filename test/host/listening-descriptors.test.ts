import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
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

  test("a local socket has no port, whatever its path reads like", () => {
    const directory = mkdtempSync(join(tmpdir(), "waiver-listening-"));
    const path = join(directory, "socket");
    using _server = Bun.serve({ unix: path, fetch: () => new Response() });
    const read = (path.charCodeAt(0) << 8) | path.charCodeAt(1);
    expect(listeningDescriptors(read)).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  test("a descriptor of a connection to a port does not count as listening", async () => {
    using server = listen("127.0.0.1");
    const port = server.port as number;
    const before = listeningDescriptors(port);
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => {} } });
    expect(listeningDescriptors(port)).toEqual(before);
    expect(listeningDescriptors(socket.localPort)).toEqual([]);
    socket.end();
  });
});
