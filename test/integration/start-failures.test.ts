import { expect, test } from "bun:test";
import { join } from "node:path";
import { runServer } from "../../src/serve.ts";
import { runHere } from "../admin/cli/run-here.ts";
import {
  AS_OPERATORS_DO,
  DataDir,
  type Ended,
  type ServerOptions,
  ServerProcess,
} from "./server-process.ts";
import { Venue } from "./venue.ts";

/** `waiver serve` within this process, for what is refused before anything is tried. */
async function refusedHere(dir: DataDir, { config = "", env = {} }: ServerOptions): Promise<Ended> {
  const file = `${dir.path}.toml`;
  await Bun.write(file, config);
  const args = ["serve", "--port", "0", "--data-dir", dir.path, "--config", file];
  const { code, out, err } = await runHere(args, {}, { env, serve: runServer });
  return { exitCode: code, output: out + err };
}

test.each([
  ["[gateway]\nprot = 9000\n", ["gateway.prot", "port"]],
  ["[gatway]\nport = 9000\n", ["gatway"]],
  ["[gateway]\nheartbeat_interval = 70000\n", ["gateway.heartbeat_interval", "70000", "900"]],
  ['[gateway]\nheartbeat_interval = "30"\n', ["gateway.heartbeat_interval", "30"]],
  ["[gateway]\nlogin_timeout_ms = 1\n", ["gateway.login_timeout_ms", "1", "100"]],
  ["[gateway]\nmax_connections = 1.5\n", ["gateway.max_connections", "1.5"]],
  [
    "[gateway.rate_limits]\norders_per_second = -1\n",
    ["gateway.rate_limits.orders_per_second", "-1"],
  ],
  ["[gateway.auth]\njwt_algorithms = ['none']\n", ["gateway.auth.jwt_algorithms", "none", "EdDSA"]],
  ['[persistence]\nbackend = "floppy"\n', ["persistence.backend", "floppy", "local"]],
  [
    '[persistence.local]\ndurability = "maybe"\n',
    ["persistence.local.durability", "maybe", "fsync"],
  ],
  ["[persistence.local]\nsegment_bytes = 5\n", ["persistence.local.segment_bytes", "5"]],
  ["[market]\nprice_band_percent = 200\n", ["market.price_band_percent", "200", "100"]],
  ["[market]\nring_commands = 1000\n", ["market.ring_commands", "1000"]],
  ['[players]\nsource = "espn"\n', ["players.source", "espn", "offline"]],
  ['[players]\nsleeper_base_url = "ftp://x"\n', ["players.sleeper_base_url", "ftp://x"]],
  ['[log]\nlevel = "loud"\n', ["log.level", "loud"]],
])("the configuration %p stops the start and is named", async (config, named) => {
  await using dir = await DataDir.make();
  const { exitCode, output } = await refusedHere(dir, { config });
  expect([exitCode, named.filter((word) => !output.includes(word)), output]).toEqual([
    2,
    [],
    output,
  ]);
  expect(output).not.toMatch(/\n\s+at .*:\d+:\d+/);
});

/** Of the file and of the environment, in a process as operators start it. */
test("all faults of a configuration are named", async () => {
  await using dir = await DataDir.make();
  const config = "[gateway]\nhost = 7\nprot = 1\n[log]\nlevel = 7\n";
  const env = { WAIVER_GATEWAY__MAX_CONNECTIONS: "many" };
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { config, env });
  expect(exitCode).toBe(2);
  for (const key of ["gateway.host", "gateway.prot", "log.level", ...Object.keys(env)]) {
    expect(output).toContain(key);
  }
});

test("a TOML syntax error is reported with its line and column", async () => {
  await using dir = await DataDir.make();
  const config = "[gateway]\nport = = 1\n";
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { config });
  expect(exitCode).toBe(2);
  expect(output).toContain(`${dir.path}.toml`);
  expect(output).toMatch(/\b2\b/);
});

test.each<[Record<string, string>, string[]]>([
  [{ WAIVER_GATEWAY__MAX_CONNECTIONS: "many" }, ["WAIVER_GATEWAY__MAX_CONNECTIONS", "many"]],
  [{ WAIVER_GATEWAY__PROT: "1" }, ["WAIVER_GATEWAY__PROT"]],
  [{ WAIVER_NOTHING__AT_ALL: "1" }, ["WAIVER_NOTHING__AT_ALL"]],
])("the environment %p stops the start and is named", async (env, named) => {
  await using dir = await DataDir.make();
  const { exitCode, output } = await refusedHere(dir, { env });
  expect([exitCode, named.filter((word) => !output.includes(word)), output]).toEqual([
    2,
    [],
    output,
  ]);
});

test("the environment overrides the file", async () => {
  await using venue = await Venue.open({
    config: "[gateway]\nlogin_timeout_ms = 60000\n",
    env: { WAIVER_GATEWAY__LOGIN_TIMEOUT_MS: "150" },
  });
  using client = await venue.open("/orders");
  expect((await client.closed).code).toBe(4001);
});

test("a port in use is named", async () => {
  await using venue = await Venue.open();
  await using dir = await DataDir.make();
  const { port } = venue.server;
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { port });
  expect(exitCode).toBe(1);
  expect(output).toContain(String(port));
  expect(output).toMatch(/in use/i);
  // The journal may be large.
  expect(output).not.toContain('"recovered"');
  using client = await venue.open("/market-data");
  expect((await client.result("ping")).timestamp).toBeNumber();
});

test.each(["nowhere.invalid", "203.0.113.5"])(
  "a host that cannot be listened on, %p, is named",
  async (host) => {
    await using dir = await DataDir.make();
    const config = `[gateway]\nhost = "${host}"\n`;
    const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { config });
    expect(exitCode).toBe(1);
    expect(output).toContain(`gateway.host = "${host}"`);
    expect(output).not.toContain("directory");
    expect(output).not.toContain('"recovered"');
  },
);

test("a socket that cannot be made is named before the journal is read", async () => {
  await using dir = await DataDir.make();
  const config = `[gateway]\nadmin_socket = "${dir.path}/no/admin.sock"\n`;
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { config });
  expect(exitCode).toBe(1);
  expect(output).toContain("its directory is not there");
  expect(output).not.toContain('"recovered"');
});

test("a second process on the same data is refused and harms nothing", async () => {
  await using venue = await Venue.open();
  const user = await venue.user({ cash: 100 });
  // It may be ending: then the port is free a little later, too.
  const { port } = venue.server;
  const { exitCode, output } = await ServerProcess.startAndFail(venue.dataDir, { port });
  expect(exitCode).toBe(1);
  expect(output).toContain(venue.dataDir);
  expect(output).toMatch(/lock|in use|another|running/i);
  using client = await venue.connect("/orders", "json", user);
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  await client.result("order.place", order);
  await venue.crash();
  using again = await venue.connect("/orders", "json", user);
  expect((await again.result("orders.open")).orders).toBeArrayOfSize(1);
});

test("data that cannot be written to is named", async () => {
  await using dir = await DataDir.make();
  const blocked = join(dir.root, "file");
  await Bun.write(blocked, "not a directory");
  const { exitCode, output } = await ServerProcess.startAndFail(join(blocked, "data"), {
    configFile: join(dir.root, "waiver.toml"),
  });
  expect(exitCode).toBe(1);
  expect(output).toContain(blocked);
});

test("a limit of addresses that the tables do not fit in is told with what to do", async () => {
  await using dir = await DataDir.make();
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, {
    program: ["sh", "-c", 'ulimit -v 6000000; exec "$0" "$@"', ...AS_OPERATORS_DO],
  });
  expect(exitCode).toBe(1);
  expect(output).toContain("cannot start: Out of memory. ");
  expect(output).toContain("ulimit -v unlimited");
});
