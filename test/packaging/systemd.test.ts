/** The unit on a real systemd: installed as its first lines say, it trades, reloads, comes back, ends, and is shut in. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFile } from "node:fs/promises";
import { AMPLE, type User } from "../integration/venue.ts";
import { type Members, WireClient } from "../integration/wire-client.ts";
import { LineReader } from "./line-reader.ts";
import { Machine } from "./machine.ts";
import { putOneFile } from "./one-file.ts";

const UNIT = "docs/ops/waiver.service";
const CONFIG = `[gateway]
port = 0
admin_socket = "/run/waiver/admin.sock"
[players]
source = "offline"
[market]
warm_up = false
`;
/** What the filter would refuse ends the service, so that nothing is refused in silence. */
const STRICT = "[Service]\nSystemCallErrorNumber=kill\n";

const missing = Machine.whyNot();
const title = (name: string): string =>
  missing === null ? name : `${name} (skipped without ${missing})`;

let machine: Machine;
let log: LineReader;
beforeAll(async () => {
  if (missing !== null) return;
  machine = await Machine.boot();
  log = new LineReader(machine.start(...JOURNAL, "--follow").stdout);
  await install();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

const JOURNAL = ["journalctl", "--unit=waiver", "--output=cat", "--lines=all"];
const TIME_MAX_MS = 120_000;

/** Runs the commands of the unit's first lines. */
async function install(): Promise<void> {
  await putOneFile(machine.path("/srv/waiver"));
  for (const name of ["waiver.service", "waiver.env"]) {
    await copyFile(`docs/ops/${name}`, machine.path(`/srv/${name}`));
  }
  await Bun.write(machine.path("/srv/waiver.toml"), CONFIG);
  await Bun.write(machine.path("/etc/systemd/system/waiver.service.d/strict.conf"), STRICT);
  await machine.output("bash", "-euc", `cd /srv; ${await installCommands()}`);
}

async function installCommands(): Promise<string> {
  const [first = ""] = (await Bun.file(UNIT).text()).split("\n\n[Unit]");
  const lines = [...first.matchAll(/^# {3}(\S.*)$/gm)].map(([, line = ""]) => line);
  expect(lines.length).toBeGreaterThan(3);
  return lines.map((line) => line.replace(/ {3,}[a-z].*$/, "")).join("\n");
}

/** Where it listens since its last start. */
async function listening(): Promise<string> {
  const line = await log.next((each) => each.includes('"msg":"listening"'));
  return `http://127.0.0.1:${JSON.parse(line).port}`;
}

const logged = (part: string): Promise<string> => log.next((line) => line.includes(part));

async function shown(...properties: readonly string[]): Promise<Members> {
  const said = await machine.output(
    ...["systemctl", "show", "waiver", ...properties.map((name) => `--property=${name}`)],
  );
  const pairs = said.trim().split("\n");
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
}

async function admin<Body>(url: string, path: string, body: unknown): Promise<Body> {
  const token = await Bun.file(machine.path("/var/lib/waiver/admin-token")).text();
  const reply = await fetch(`${url}/admin/v1${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token.trim()}` },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Body;
}

const waiver = (...args: readonly string[]): Promise<string> =>
  machine.output(
    ...["waiver", "--url", "unix:/run/waiver/admin.sock", "--data-dir", "/var/lib/waiver", ...args],
  );

test.skipIf(missing !== null)(
  title("it is installed, trades, reloads, is started again after kill -9, and ends in order"),
  async () => {
    let url = await listening();
    expect(await machine.output("systemctl", "is-enabled", "waiver")).toBe("enabled\n");
    expect(JSON.parse(await waiver("status", "--json"))).toHaveProperty("status");

    const user = { rate_limits: AMPLE };
    const buyer = await admin<User>(url, "/users", { ...user, name: "buyer", cash: 1000 });
    using client = await WireClient.open(url, "/orders");
    await client.login(buyer);
    const [symbol = ""] = await symbolsOf(url);
    const seller = await admin<User>(url, "/users", {
      ...{ ...user, name: "seller", positions: { [symbol]: 5 } },
    });
    using other = await WireClient.open(url, "/orders");
    await other.login(seller);
    const order = { symbol, type: "LIMIT", price: 10, quantity: 3 };
    await client.result("order.place", { ...order, side: "BUY" });
    const sold = await other.result("order.place", { ...order, side: "SELL" });
    expect(sold).toMatchObject({ status: "FILLED" });
    await waiver("snapshot");
    await waiver("backup", "--to", "/var/backups/waiver/today");
    await waiver("wal", "verify", "--data-dir", "/var/backups/waiver/today");

    const config = machine.path("/etc/waiver/waiver.toml");
    await Bun.write(config, `${CONFIG}[log]\nlevel = "debug"\n`);
    await machine.output("systemctl", "reload", "waiver");
    expect(await logged("reloaded")).toContain('"level":"debug"');

    await machine.output("systemctl", "kill", "--signal=KILL", "--kill-who=main", "waiver");
    url = await listening();
    expect(await shown("NRestarts")).toEqual({ NRestarts: "1" });
    const trades = await waiver("account", "trades", buyer.account_id, "--json");
    expect(JSON.parse(trades)).toMatchObject({ trades: [{ symbol, quantity: 3 }] });

    await machine.output("systemctl", "stop", "waiver");
    await logged('"msg":"draining"');
    await logged('"msg":"closed"');
    expect(await shown("Result", "ExecMainStatus")).toEqual({
      ...{ Result: "success", ExecMainStatus: "0" },
    });
  },
  TIME_MAX_MS,
);

test.skipIf(missing !== null)(
  title("with what its comment names it serves a port below 1024"),
  async () => {
    const dropIn = machine.path("/etc/systemd/system/waiver.service.d/port.conf");
    // Of a network of its own: this machine's may be taken.
    const network = "[Service]\nPrivateNetwork=yes\n";
    const rights =
      "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n";
    await Bun.write(dropIn, `${network}${rights}PrivateUsers=no\n`);
    await Bun.write(
      machine.path("/etc/waiver/waiver.toml"),
      CONFIG.replace("port = 0", "port = 443"),
    );
    await machine.output("systemctl", "daemon-reload");
    await machine.output("systemctl", "start", "waiver");
    expect(await listening()).toBe("http://127.0.0.1:443");
    await machine.output("systemctl", "stop", "waiver");
    await machine.output("rm", "/etc/systemd/system/waiver.service.d/port.conf");
    await machine.output("systemctl", "daemon-reload");
  },
  TIME_MAX_MS,
);

test.skipIf(missing !== null)(
  title("a configuration that is refused is not tried again"),
  async () => {
    const config = machine.path("/etc/waiver/waiver.toml");
    await Bun.write(config, `${CONFIG}[no_such_part]\n`);
    await machine.output("systemctl", "start", "waiver");
    await logged("Failed with result");
    expect(await shown("ActiveState", "ExecMainStatus", "NRestarts")).toEqual({
      ...{ ActiveState: "failed", ExecMainStatus: "2", NRestarts: "0" },
    });
  },
  TIME_MAX_MS,
);

test.skipIf(missing !== null)(
  title("another program in its place writes to the data directory and does nothing else"),
  async () => {
    await copyFile("test/packaging/probe.sh", machine.path("/usr/local/bin/probe"));
    await machine.output("bash", "-c", "cd /home; touch file");
    const unit = (await Bun.file(UNIT).text())
      .replace(/^Type=.*$/m, "Type=oneshot")
      .replace(/^Restart=.*$/m, "Restart=no")
      .replace(/^ExecStart=.*$/m, "ExecStart=/usr/local/bin/probe");
    await Bun.write(machine.path("/etc/systemd/system/probe.service"), unit);
    await machine.output("systemctl", "daemon-reload");
    await machine.output("systemctl", "start", "probe");
    const found = await Bun.file(machine.path("/var/lib/waiver/found")).text();
    const none = "0".repeat(16);
    expect(found.trim().split("\n")).toEqual([
      ...["/run/waiver", "/tmp", "/var/backups/waiver", "/var/lib/waiver", "/var/tmp"].map(
        (directory) => `writes ${directory}`,
      ),
      ...[`CapEff ${none}`, `CapBnd ${none}`, "NoNewPrivs 1", "Seccomp 2"],
    ]);
  },
  TIME_MAX_MS,
);

async function symbolsOf(url: string): Promise<string[]> {
  using client = await WireClient.open(url, "/market-data");
  const { symbols } = await client.result("symbols.list");
  return (symbols as Members[]).map(({ symbol }) => String(symbol));
}
