import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "../../src/webhooks/connection.ts";
import type { Target } from "../../src/webhooks/target.ts";
import { makeCertificate, skipsWithoutTlsClients } from "../tls/certificates.ts";

const LOOPBACK = ["127.0.0.1"] as const;

/** One post on a connection of its own. */
async function post(
  target: Target,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs = 60_000,
): Promise<number> {
  const connection = new Connection(target);
  try {
    return await connection.post(headers, body, timeoutMs);
  } finally {
    connection.close();
  }
}

describe.skipIf(skipsWithoutTlsClients())("over TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "waiver-webhooks-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  function receiver() {
    const paths = makeCertificate(directory, "it", {
      name: "it",
      hosts: ["localhost", "right.test"],
    });
    const ports: (number | undefined)[] = [];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: Bun.file(paths.certificate), key: Bun.file(paths.key) },
      fetch(request, own) {
        ports.push(own.requestIP(request)?.port);
        return new Response("ok");
      },
    });
    return { ...paths, server, ports };
  }

  test("a post is not sent to a receiver with a self-signed certificate", async () => {
    const { server, ports } = receiver();
    const url = new URL(`https://localhost:${server.port}/`);
    const target = { addresses: LOOPBACK, port: Number(server.port), url };
    await expect(post(target, {}, "{}")).rejects.toThrow(/self.signed/i);
    expect(ports).toEqual([]);
    await server.stop(true);
  });

  test("the certificate must match the name, and one connection takes several posts", async () => {
    const { server, ports, certificate } = receiver();
    const program = join(import.meta.dir, "tls-posts.ts");
    const names = ["localhost", "wrong.test", "right.test"];
    const child = Bun.spawn([process.execPath, program, `${server.port}`, ...names], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
      stdio: ["ignore", "pipe", "inherit"],
    });
    expect((await child.stdout.text()).trim().split("\n")).toEqual([
      ...Array(2).fill("localhost 200"),
      ...Array(2).fill("wrong.test ERR_TLS_CERT_ALTNAME_INVALID"),
      ...Array(2).fill("right.test 200"),
    ]);
    expect(ports).toHaveLength(4);
    expect(new Set(ports).size).toBe(2);
    await server.stop(true);
  });
});

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
    // The name is not looked up again: it may lead elsewhere by now.
    const url = new URL(`http://nowhere.invalid:${port}/a%0Ab?c=d`);
    return {
      send: (timeoutMs?: number) =>
        post({ addresses: LOOPBACK, port, url }, { "X-Id": "1" }, '{"é":1}', timeoutMs),
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

  test("reads only the status of an answer, however long the answer is", async () => {
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

  test("without a valid answer fails", async () => {
    using silent = await receiver(() => undefined);
    await expect(silent.send(50)).rejects.toThrow("no answer in 50 ms");
    using other = await receiver((write) => write("SSH-2.0-other\r\n"));
    await expect(other.send()).rejects.toThrow("the answer is not HTTP");
    using closing = await receiver((_write, end) => end());
    await expect(closing.send()).rejects.toThrow();
    const gone = { addresses: LOOPBACK, port: 1, url: new URL("http://localhost:1/") };
    await expect(post(gone, {}, "")).rejects.toThrow();
  });
});

describe("an answer in pieces", () => {
  async function answered(pieces: readonly string[]): Promise<number> {
    const server = createServer(async (socket) => {
      socket.on("error", () => undefined);
      for (const piece of pieces) {
        await new Promise((resolve) => socket.write(piece, resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as { port: number };
      const url = new URL(`http://127.0.0.1:${port}/`);
      return await post({ addresses: LOOPBACK, port, url }, {}, "{}");
    } finally {
      server.close();
    }
  }

  const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
  const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

  test.each([
    [["HTTP/1.1 204 No Content\r\n"], 204],
    [[CONTINUE, "HTTP/1.1 200 OK\r\n"], 200],
    [[`${CONTINUE}${HINTS}HTTP/1.1 500 No\r\n`], 500],
    [[HINTS.slice(0, 40), `${HINTS.slice(40)}HTTP/1.1 2`, "01 Created\r\n"], 201],
    [["HTTP/1.1 101 Switching Protocols\r\n\r\n"], 101],
  ])("%j is status %d", async (pieces, status) => {
    expect(await answered(pieces)).toBe(status);
  });

  test.each([
    [["no HTTP".repeat(2000)], "the answer is not HTTP"],
    [Array(400).fill(CONTINUE), "the answer is not HTTP"],
    [[CONTINUE], "closed without an answer"],
  ])("%# is none", async (pieces, reason) => {
    await expect(answered(pieces)).rejects.toThrow(reason);
  });
});
