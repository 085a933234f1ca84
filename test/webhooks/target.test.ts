import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Network, parseIpAddress, parseNetwork } from "../../src/lib/ip-address.ts";
import { post } from "../../src/webhooks/post.ts";
import { isPrivate } from "../../src/webhooks/private-networks.ts";
import { parseTarget, resolveTarget } from "../../src/webhooks/target.ts";
import { makeCertificate, skipsWithoutTlsClients } from "../tls/certificates.ts";

const LOOPBACK = [parseNetwork("127.0.0.0/8") as Network];

test.each([
  ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254"],
  ...["172.16.0.1", "172.31.255.255", "192.168.0.1", "224.0.0.1", "255.255.255.255"],
  ...["::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"],
  ...["2002:7f00:1::", "fd00::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1"],
])("%s is private", (text) => {
  expect(isPrivate(parseIpAddress(text) as Uint8Array)).toBe(true);
});

test.each([
  "1.1.1.1",
  "172.15.0.1",
  "172.32.0.1",
  "100.128.0.1",
  "2606:4700::1111",
  "::ffff:8.8.8.8",
])("%s is public", (text) => {
  expect(isPrivate(parseIpAddress(text) as Uint8Array)).toBe(false);
});

describe("a target", () => {
  const resolve = (text: string, allowed: readonly Network[] = []) =>
    resolveTarget(parseTarget(text), allowed);

  test.each([
    ["ftp://1.1.1.1/", "Must begin with https://"],
    ["file:///etc/passwd", "Must begin with https://"],
    ["https://user:secret@1.1.1.1/", "Must hold no login"],
    ["no address", "Must be an address such as https://example.com/hook"],
  ])("%s can never be one", (text, issue) => {
    expect(() => parseTarget(text)).toThrow(issue);
  });

  test.each([
    ["https://127.0.0.1/", "Its host has no public address"],
    // Other ways to write it, which the parser of URLs makes one.
    ["https://2130706433/", "Its host has no public address"],
    ["https://0x7f.1/", "Its host has no public address"],
    ["https://[::ffff:7f00:1]/", "Its host has no public address"],
    ["https://[fd00::1]/", "Its host has no public address"],
    // After its name has been looked up.
    ["https://localhost/", "Its host has no public address"],
    ["http://1.1.1.1/", "Must begin with https://"],
  ])("%s is refused", async (text, issue) => {
    await expect(resolve(text)).rejects.toThrow(new RegExp(`^${issue}$`));
  });

  test("may be private, and without TLS, where that is allowed", async () => {
    expect(await resolve("http://localhost:81/hook?a=b", LOOPBACK)).toMatchObject({
      address: "127.0.0.1",
      port: 81,
    });
    expect(await resolve("https://1.1.1.1/", LOOPBACK)).toMatchObject({ port: 443 });
  });
});

test.skipIf(skipsWithoutTlsClients())(
  "a post over TLS goes to nobody with a wrong certificate",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "waiver-webhooks-"));
    const { certificate, key } = makeCertificate(directory, "it", { name: "it" });
    let heard = 0;
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: Bun.file(certificate), key: Bun.file(key) },
      fetch() {
        heard++;
        return new Response("ok");
      },
    });
    const url = new URL(`https://localhost:${server.port}/`);
    const target = { address: "127.0.0.1", port: Number(server.port), url };
    await expect(post(target, {}, "{}")).rejects.toThrow(/self.signed/i);
    expect(heard).toBe(0);
    await server.stop(true);
    rmSync(directory, { recursive: true });
  },
);

describe("a post", () => {
  /** A receiver that answers each connection so; and what it heard. */
  async function receiver(answer: (write: (text: string) => boolean, end: () => void) => void) {
    let heard = "";
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        heard += chunk;
        answer(
          (text) => socket.write(text),
          () => socket.destroy(),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    return {
      send: (timeoutMs?: number) =>
        // The name is not looked up again: it may lead elsewhere by now.
        post(
          { address: "127.0.0.1", port, url: new URL(`http://nowhere.invalid:${port}/a%0Ab?c=d`) },
          { "X-Id": "1" },
          '{"é":1}',
          timeoutMs,
        ),
      heard: () => heard,
      [Symbol.dispose]: () => void server.close(),
    };
  }

  test("goes to the address that was resolved, with the name in its Host", async () => {
    using it = await receiver((write) => write("HTTP/1.1 204 No Content\r\n\r\n"));
    expect(await it.send()).toBe(204);
    expect(it.heard()).toMatch(
      /^POST \/a%0Ab\?c=d HTTP\/1\.1\r\nHost: nowhere\.invalid:\d+\r\n(?:.*\r\n)*Content-Length: 8\r\n(?:.*\r\n)*X-Id: 1\r\n\r\n\{"é":1\}$/,
    );
  });

  test.each([
    ["HTTP/1.1 500 Oops\r\n\r\n", 500],
    ["HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", 302],
    ["HTTP/1.1 100 Continue\r\n\r\n", null],
    ["SSH-2.0-OpenSSH\r\n", null],
    ["x".repeat(5000), null],
  ])("that is answered %j gives %p", async (text, status) => {
    using it = await receiver((write) => write(text));
    const sent = it.send(status === null ? 200 : undefined);
    if (status === null) await expect(sent).rejects.toThrow(/no answer in 200 ms|not HTTP/);
    else expect(await sent).toBe(status);
  });

  test("reads no more of an answer than its status, however long it is", async () => {
    using it = await receiver((write) => {
      write("HTTP/1.1 200 OK\r\n\r\n");
      const flood = (): void => {
        while (write("x".repeat(65_536)));
        setImmediate(flood);
      };
      flood();
    });
    expect(await it.send()).toBe(200);
  });

  test("that is answered by nothing, by an end or by nobody is told so", async () => {
    using silent = await receiver(() => undefined);
    await expect(silent.send(50)).rejects.toThrow("no answer in 50 ms");
    using closing = await receiver((_write, end) => end());
    await expect(closing.send()).rejects.toThrow();
    const gone = { address: "127.0.0.1", port: 1, url: new URL("http://localhost:1/") };
    await expect(post(gone, {}, "")).rejects.toThrow();
  });
});
