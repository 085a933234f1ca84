import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Credentials } from "../../src/identity/api-key.ts";
import { linesOf } from "../../src/lib/lines.ts";
import {
  askOpenssl,
  type CertificatePaths,
  letExpire,
  makeCertificate,
  skipsWithoutTlsClients,
} from "../tls/certificates.ts";
import { DataDir, ServerProcess } from "./server-process.ts";
import { waiver } from "./waiver-command.ts";

const TLS = join(import.meta.dir, "../tls");

const tlsConfig = (first: CertificatePaths, ...more: CertificatePaths[]): string => `
[gateway]
host = "127.0.0.1"
[gateway.tls]
certificate = "${first.certificate}"
key = "${first.key}"
more_certificates = ${JSON.stringify(more.map(({ certificate }) => certificate))}
more_keys = ${JSON.stringify(more.map(({ key }) => key))}
`;

/** What a program printed; throws when it failed. */
async function run(command: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn([...command], { env: { ...process.env, ...env }, stderr: "pipe" });
  const [out, faults] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]}: ${faults}`);
  return out;
}

describe.skipIf(skipsWithoutTlsClients())("an exchange on TLS", () => {
  let dir: DataDir;
  let server: ServerProcess;
  let certificate: CertificatePaths;
  let user: Credentials;
  const openssl = (...options: string[]) => askOpenssl(server.port, ...options);

  beforeAll(async () => {
    dir = await DataDir.make();
    certificate = makeCertificate(dir.root, "one", { name: "one" });
    const second = makeCertificate(dir.root, "two", {
      name: "two",
      hosts: ["two.example", "*.many.example"],
      days: 3,
    });
    server = await ServerProcess.start(dir.path, { config: tlsConfig(certificate, second) });
    const token = await server.adminToken();
    const body = JSON.stringify({ name: "user", cash: 1_000_000 });
    const made = await run([
      ...["curl", "--silent", "--show-error", "--cacert", certificate.certificate],
      ...["--header", `Authorization: Bearer ${token}`, "--data", body],
      `https://localhost:${server.port}/admin/v1/users`,
    ]);
    user = JSON.parse(made);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });

  test.each([
    ["-tls1", { version: null, alert: "70" }],
    ["-tls1_1", { version: null, alert: "70" }],
    ["-tls1_2", { version: "TLSv1.2", alert: null }],
    ["-tls1_3", { version: "TLSv1.3", alert: null }],
  ])("asked for %s", async (option, expected) => {
    expect(await openssl(option, "-cipher", "ALL@SECLEVEL=0")).toMatchObject(expected);
  });

  test("accepts no TLS 1.2 cipher without forward secrecy or authentication", async () => {
    for (const cipher of [
      "AES128-GCM-SHA256",
      "ECDHE-ECDSA-AES128-SHA256",
      "ECDHE-ECDSA-AES128-SHA",
    ]) {
      expect(await openssl("-tls1_2", "-cipher", `${cipher}@SECLEVEL=0`)).toMatchObject({
        version: null,
        alert: "40",
      });
    }
  });

  test("agrees on keys only on the curves that cost little", async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const curves = ["P-256", "X25519:P-256", "P-384:P-256", "P-384", "P-521"];
      const asked = curves.map((curve) => openssl(version, "-groups", curve));
      const alerts = (await Promise.all(asked)).map(({ alert }) => alert);
      expect(alerts).toEqual([null, null, null, "40", "40"]);
    }
  });

  test("shows the certificate of the host that is asked for, and the first one for all other hosts", async () => {
    const names = ["two.example", "x.many.example", "localhost", "nobody.example"];
    const shown = names.map(async (name) => (await openssl("-servername", name)).subject);
    expect(await Promise.all(shown)).toEqual(["two", "two", "one", "one"]);
    expect((await openssl("-noservername")).subject).toBe("one");
  });

  test("speaks HTTP/1.1, whatever is asked for", async () => {
    const asked = await Promise.all(
      ["http/1.1", "h2", "h2,http/1.1"].map((protocols) => openssl("-alpn", protocols)),
    );
    expect(asked.map(({ alpn, alert }) => [alpn, alert])).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
    const version = await run([
      ...["curl", "--silent", "--show-error", "--cacert", certificate.certificate, "--http2"],
      ...["--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"],
      `https://localhost:${server.port}/healthz`,
    ]);
    expect(version).toBe("1.1 200");
  });

  test("tells an operator whose command cannot reach it what is wrong with the address", async () => {
    const errorOf = async (url: string): Promise<string> =>
      (await waiver("status", "--url", url, "--data-dir", dir.path)).err;
    const untrusted = await errorOf(`https://localhost:${server.port}`);
    expect(untrusted).toContain("is not trusted (");
    expect(untrusted).toContain("NODE_EXTRA_CA_CERTS=");
    const clear = await errorOf(`http://localhost:${server.port}`);
    expect(clear).toContain("No exchange answers at ");
    expect(clear).toContain("With TLS its address begins with https");
    expect(clear).not.toContain("fetch()");
  });

  test("sends browsers the usual security headers, and tells them to use TLS only", async () => {
    const headers = async (path: string) => {
      const tls = { rejectUnauthorized: false };
      const answer = await fetch(`https://127.0.0.1:${server.port}${path}`, { tls });
      return answer.headers;
    };
    for (const path of ["/healthz", "/metrics", "/nothing", "/orders", "/admin/v1/state"]) {
      expect(Object.fromEntries(await headers(path))).toMatchObject({
        "content-security-policy":
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=63072000",
      });
    }
  });

  test("says in /readyz that a certificate is about to expire", async () => {
    const answer = await fetch(`https://127.0.0.1:${server.port}/readyz`, {
      tls: { rejectUnauthorized: false },
    });
    expect([answer.status, ((await answer.json()) as { components: object }).components]).toEqual([
      200,
      expect.objectContaining({
        tls: {
          status: "degraded",
          reason: expect.stringMatching(/^the certificate for two\.example expires in [23] days: /),
          since: expect.any(Number),
        },
      }),
    ]);
  });

  test.each([
    ["Python", ["/usr/bin/python3", join(TLS, "websocket-client.py")]],
    ["Perl", ["perl", join(TLS, "websocket-client.pl")]],
    ["Node", ["node", "--experimental-websocket", join(TLS, "websocket-client.mjs")]],
  ])("%s logs in and trades over wss", async (_, command) => {
    const order = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 1, price: 10 };
    const { symbols } = (await tickersOf(server)) as { symbols: { symbol: string }[] };
    const { api_key, api_secret } = user;
    const output = await run(
      [
        ...command,
        ...[`wss://localhost:${server.port}/orders`, certificate.certificate, api_key, api_secret],
        JSON.stringify({ ...order, symbol: symbols[0]?.symbol }),
      ],
      { NODE_EXTRA_CA_CERTS: certificate.certificate },
    );
    expect(
      output
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { id: 1, result: { authenticated: true } },
      { id: 2, result: { status: "ACCEPTED" } },
    ]);
  });
});

/** What `symbols.list` answers, asked over wss with Bun's own client. */
async function tickersOf({ port }: ServerProcess): Promise<unknown> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/market-data`, {
    tls: { rejectUnauthorized: false },
  });
  const answer = new Promise<string>((resolve, reject) => {
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = reject;
  });
  socket.onopen = () => socket.send(JSON.stringify({ method: "symbols.list", params: {} }));
  const { result } = JSON.parse(await answer);
  socket.close();
  return result;
}

describe.skipIf(skipsWithoutTlsClients())("certificates change while the exchange runs", () => {
  test("under load, and no connection is lost", async () => {
    await using dir = await DataDir.make();
    const certificate = makeCertificate(dir.root, "it", { name: "certificate 0" });
    await using server = await ServerProcess.start(dir.path, { config: tlsConfig(certificate) });
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}/market-data`, {
      tls: { rejectUnauthorized: false },
    });
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    const beats: { sequence: number; tick: number }[] = [];
    let isClosed = false;
    socket.onclose = () => {
      isClosed = true;
    };
    socket.onmessage = ({ data }) => void beats.push(JSON.parse(data));
    socket.send(JSON.stringify({ method: "subscribe", params: { channels: ["heartbeat"] } }));

    const load = Bun.spawn(
      [process.execPath, join(TLS, "load-process.ts"), `${server.port}`, "8"],
      {
        stdin: "pipe",
        stdout: "pipe",
      },
    );
    const lines = linesOf(load.stdout);
    await lines.next();
    // A wrong one changes nothing; then one after the other, the second before the first has let go.
    for (const [round, shown] of ["certificate 1", "certificate 2"].entries()) {
      if (round === 0) await Bun.write(certificate.certificate, "no certificate");
      else letExpire(certificate);
      server.signal("SIGHUP");
      await server.logged("not reloaded", round + 1);
      makeCertificate(dir.root, "it", { name: shown });
      server.signal("SIGHUP");
      await server.logged("reloaded", round + 1);
      expect((await askOpenssl(server.port)).subject).toBe(shown);
    }
    expect(server.log.filter(({ msg }) => msg === "not reloaded")).toMatchObject([
      { error: expect.stringContaining("expected a certificate in PEM") },
      { error: expect.stringMatching(/the new certificate for localhost expired on 2/) },
    ]);
    load.stdin.write("end\n");
    await load.stdin.flush();
    const { answers, faults, shown } = JSON.parse((await lines.next()).value ?? "");
    expect(faults).toEqual([]);
    // There are more than eight connections, and at least one on each.
    expect(answers).toBeGreaterThan(8);
    // The first and the last for certain; how many visits come in between is the machine's affair.
    expect(shown.filter((name: string) => name !== "certificate 1")).toEqual([
      "certificate 0",
      "certificate 2",
    ]);

    // The WebSocket is with the server that left, and hears what is published.
    const heard = beats.length;
    while (beats.length <= heard + 1)
      await new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
    expect(isClosed).toBe(false);
    expect(await server.stop()).toBe(0);
  });

  test("and while it starts", async () => {
    await using dir = await DataDir.make();
    const certificate = makeCertificate(dir.root, "it", { name: "before" });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    // The first start waits for this one.
    await using sleeper = Bun.serve({
      port: 0,
      fetch() {
        asked.resolve();
        return answer.promise;
      },
    });
    const players = `[players]\nsleeper_base_url = "${sleeper.url}"\nfetch_timeout_ms = 120000\n`;
    const config = tlsConfig(certificate) + players;
    await using server = await ServerProcess.start(dir.path, { config }, async (starting) => {
      await asked.promise;
      makeCertificate(dir.root, "it", { name: "after" });
      starting.signal("SIGHUP");
      await starting.logged("reloads when the start is over");
      answer.resolve(new Response(null, { status: 404 }));
    });
    await server.logged("reloaded");
    expect((await askOpenssl(server.port)).subject).toBe("after");
  });
});

test("without TLS a start on a public address is warned of, and refused where TLS is required", async () => {
  await using dir = await DataDir.make();
  await using server = await ServerProcess.start(dir.path);
  const warning = "listens without TLS: keys and orders can be read on the way";
  expect(server.log.filter(({ msg }) => msg === warning)).toEqual([
    expect.objectContaining({ level: 40, host: "0.0.0.0" }),
  ]);
  await using other = await DataDir.make();
  const refused = await ServerProcess.startAndFail(other.path, {
    config: "[gateway]\nrequire_tls = true\n",
  });
  expect(refused).toEqual({
    exitCode: 2,
    output: expect.stringMatching(/^waiver: configuration refused: gateway\.require_tls = true /),
  });
});
