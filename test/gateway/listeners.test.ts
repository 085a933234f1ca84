import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { Listeners, type Serving } from "../../src/gateway/listeners.ts";
import { linesOf } from "../../src/lib/lines.ts";
import { receiveBoundsOf } from "../host/receive-bounds-of.ts";
import { askOpenssl, makeCertificate, skipsWithoutTlsClients } from "../tls/certificates.ts";

const HANDOVERS = 5;
/** Longer than a busy machine keeps a client waiting that has its answer and asks again. */
const HANDOVER_MS = 2000;

const serving = (isLast: boolean): Serving => ({
  routes: {
    "/healthz": () => new Response("ok", isLast ? { headers: { Connection: "close" } } : {}),
    "/socket": (request, server) =>
      server.upgrade(request, { data: {} as never }) ? undefined : new Response(null),
  },
  fetch: () => new Response(null, { status: 404 }),
  websocket: {
    open: (socket) => void socket.subscribe("topic"),
    message: (socket, frame) => void socket.send(frame),
  },
});

test.skipIf(process.platform !== "linux")(
  "little is kept of a connection that is not read yet",
  async () => {
    const listeners = new Listeners({ host: "127.0.0.1", port: 0, certificates: [], serving });
    // The system doubles it, for what it keeps beside the bytes.
    expect((await receiveBoundsOf(listeners.port)).buffer).toBe(2 * 32 * 1024);
    await listeners.stop();
  },
);

describe.skipIf(skipsWithoutTlsClients())("handing over", () => {
  test("repeatedly under load loses no connection, and every client receives what is published", async () => {
    const directory = mkdtempSync(join(tmpdir(), "waiver-listeners-"));
    const renew = (name: string) => {
      const { certificate, key } = makeCertificate(directory, "it", { name });
      const env = { WAIVER_GATEWAY__TLS__CERTIFICATE: certificate, WAIVER_GATEWAY__TLS__KEY: key };
      return loadConfig({ env }).gateway.certificates;
    };
    const certificates = renew("0");
    const options = { host: "127.0.0.1", port: 0, serving, handoverMs: HANDOVER_MS };
    const listeners = new Listeners({ ...options, certificates });
    const { port } = listeners;
    const program = join(import.meta.dir, "../tls/load-process.ts");
    const load = Bun.spawn([process.execPath, program, `${port}`, "8"], {
      stdin: "pipe",
      stdout: "pipe",
    });
    const lines = linesOf(load.stdout);
    await lines.next();
    const sockets: { heard: string[]; socket: WebSocket }[] = [];
    for (let round = 1; round <= HANDOVERS; round++) {
      const socket = new WebSocket(`wss://127.0.0.1:${port}/socket`, {
        tls: { rejectUnauthorized: false },
      });
      const heard: string[] = [];
      socket.onmessage = ({ data }) => void heard.push(data);
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      sockets.push({ heard, socket });
      await listeners.handOver(renew(`${round}`));
      expect((await askOpenssl(port)).subject).toBe(`${round}`);
      listeners.publish("topic", `after ${round}`);
    }
    load.stdin.write("end\n");
    await load.stdin.flush();
    const { answers, lastAnswers, faults } = JSON.parse((await lines.next()).value ?? "");
    expect(faults).toEqual([]);
    expect(answers).toBeGreaterThan(HANDOVERS);
    expect(lastAnswers).toBeGreaterThan(0);
    for (const [i, { heard, socket }] of sockets.entries()) {
      const expected = Array.from({ length: HANDOVERS - i }, (_, n) => `after ${i + n + 1}`);
      while (heard.length < expected.length) await new Promise((resolve) => setImmediate(resolve));
      expect([heard, socket.readyState]).toEqual([expected, WebSocket.OPEN]);
    }
    await listeners.stop();
    rmSync(directory, { recursive: true });
  });

  test("with a certificate that Bun refuses changes nothing", async () => {
    const directory = mkdtempSync(join(tmpdir(), "waiver-listeners-"));
    const { certificate, key } = makeCertificate(directory, "it", { name: "first" });
    const env = { WAIVER_GATEWAY__TLS__CERTIFICATE: certificate, WAIVER_GATEWAY__TLS__KEY: key };
    const { certificates } = loadConfig({ env }).gateway;
    const listeners = new Listeners({ host: "127.0.0.1", port: 0, certificates, serving });
    const [good] = certificates;
    if (good === undefined) throw new Error("no certificate");
    await expect(listeners.handOver([{ ...good, chain: "nothing" }])).rejects.toThrow();
    expect((await askOpenssl(listeners.port)).subject).toBe("first");
    await listeners.stop();
    rmSync(directory, { recursive: true });
  });

  test("refuses a port on which another process listens, though it could be shared", () => {
    const directory = mkdtempSync(join(tmpdir(), "waiver-listeners-"));
    const { certificate, key } = makeCertificate(directory, "it", { name: "first" });
    const env = { WAIVER_GATEWAY__TLS__CERTIFICATE: certificate, WAIVER_GATEWAY__TLS__KEY: key };
    const { certificates } = loadConfig({ env }).gateway;
    const other = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      reusePort: true,
      fetch: () => new Response(),
    });
    const port = Number(other.port);
    expect(() => new Listeners({ host: "127.0.0.1", port, certificates, serving })).toThrow(
      "the port is in use",
    );
    void other.stop(true);
    rmSync(directory, { recursive: true });
  });
});
