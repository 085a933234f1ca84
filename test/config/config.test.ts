import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TOML } from "bun";
import { type ConfigSources, loadConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { KNOWN_KEYS } from "../../src/config/known-keys.ts";
import { RECENT_CLIENT_IDS_MAX } from "../../src/core/client-ids.ts";
import { CASH_MAX, ORDER_SLOT_COUNT, QUANTITY_MAX } from "../../src/core/command.ts";
import { PAGES_MAX, POSITIONS_MAX } from "../../src/core/rules-state.ts";

const directory = mkdtempSync(join(tmpdir(), "waiver-config-"));
const path = join(directory, "waiver.toml");
afterAll(() => rmSync(directory, { recursive: true }));

function load(toml: string, sources: ConfigSources = {}) {
  writeFileSync(path, toml);
  const { settings: _, ...config } = loadConfig({ path, env: {}, ...sources });
  return config;
}

/** The lines of the refusal, with the file's path as FILE. */
function problems(toml: string, sources: ConfigSources = {}): string[] {
  try {
    load(toml, sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((p) => p.replaceAll(path, "FILE"));
    throw error;
  }
  return [];
}

const DEFAULTS = {
  dataDir: resolve("./data"),
  adminToken: null,
  gateway: {
    host: "0.0.0.0",
    port: 8080,
    connectionsMax: 10_000,
    httpConnectionsMax: 1024,
    connectionsPerAddressMax: 0,
    connectionsPerSecond: 1000,
    httpRequestsPerSecond: 2000,
    heartbeatIntervalMs: 30_000,
    loginTimeoutMs: 10_000,
    backpressureLimitBytes: 4_194_304,
    slowConsumerMs: 2000,
    bufferBytesTotal: 268_435_456,
    allowedOrigins: [],
    frameBytesMax: 1_048_576,
    anonymousMarketData: true,
    compression: false,
    trustedProxies: [],
    adminSocket: null,
    certificates: [],
    isTls: false,
  },
  auth: {
    sessionLifetimeMs: 43_200_000,
    signUp: { isOpen: false, usersMax: 10_000, cash: 0, shares: {} },
    issuer: null,
  },
  rateLimits: { ordersPerSecond: 100, marketDataPerSecond: 1000, burstLimit: 10 },
  persistence: {
    backend: "local",
    walDir: resolve("./data/wal"),
    snapshotDir: resolve("./data/snapshots"),
    walFilesMax: 100,
    snapshotsMax: 10,
    snapshotIntervalCommands: 1000,
    snapshotSpacingMs: 60_000,
    snapshotChangePercent: 25,
    lowSpaceBytes: 1_073_741_824,
    durability: "fsync",
    flushIntervalMs: 10,
    segmentBytes: 67_108_864,
    archive: {
      bucket: "waiver-exchange-wal",
      region: "us-east-1",
      endpoint: null,
      prefix: "",
      uploadIntervalMs: 300_000,
      requestTimeoutMs: 30_000,
      retentionDays: 2555,
      credentials: { accessKeyId: "", secretAccessKey: "", sessionToken: "" },
      key: null,
    },
  },
  market: {
    priceIncrement: 1,
    priceBandBps: 0,
    priceBandWindowMs: 300_000,
    orderQuantityMax: 0,
    orderNotionalMax: 0,
    openOrdersMax: 0,
    shares: {
      openOrders: 100000,
      ladderPages: 16_384,
      positions: 4096,
      clientOrderIds: 131072,
    },
    volatilityMoveBps: 0,
    volatilityWindowMs: 60_000,
    volatilityPauseMs: 120_000,
    volatilityAuctionMs: 30_000,
    makerFeeBps: 0,
    takerFeeBps: 0,
    ringCommands: 32_768,
    isWarmedUp: true,
  },
  players: {
    source: "sleeper",
    sleeperBaseUrl: "https://api.sleeper.app",
    refreshIntervalMs: 86_400_000,
    fetchTimeoutMs: 5000,
    symbolsMax: 4096,
  },
  maintenance: { cancelOnlyMs: 300_000, reopen: "auction", reopenMs: 120_000 },
  webhooks: { allowedNetworks: [] },
  tracing: { otlpUrl: null, sampleRatio: 0.001 },
  log: { level: "info", format: "auto", slowTickMs: 100, hasColours: true },
} as const;

/** Every leaf's dotted name. */
function leafNames(table: object, prefix = ""): string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? leafNames(value, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );
}

test("the printed settings hide user and password of an address, however it is written", () => {
  const settingOf = (otlp_url: string) => {
    const { settings } = loadConfig({ env: { WAIVER_TRACING__OTLP_URL: otlp_url } });
    return settings.find(({ key }) => key === "tracing.otlp_url")?.value;
  };
  expect(settingOf("https://ann:secret@host/v1")).toBe("https://host/v1");
  expect(settingOf("https:///ann:secret@host/v1")).toBe("https://host/v1");
  expect(settingOf("https://host/@v1")).toBe("https://host/@v1");
});

describe("defaults", () => {
  test("apply without a file and without environment variables", () => {
    const { settings, ...config } = loadConfig({ env: {} });
    expect(config).toEqual(DEFAULTS);
    expect(settings.map(({ key }) => key)).toEqual(KNOWN_KEYS.map(({ name }) => name));
    expect(settings.every(({ source }) => source === "default")).toBe(true);
  });

  test("apply with an empty file", () => {
    expect(load("")).toEqual(DEFAULTS);
  });

  test("are those of waiver.example.toml, which holds every key and no other", () => {
    const example = readFileSync(join(import.meta.dir, "../../waiver.example.toml"), "utf8");
    expect(load(example)).toEqual(DEFAULTS);
    const uncommented = example.replaceAll(/^# (\w+ = )/gm, "$1");
    // The files of TLS are not there; they have a test of their own.
    const withoutTls = example.replaceAll(/^# ((?!certificate |key )\w+ = )/gm, "$1");
    // Above the file of the example, which is not there.
    const env = { WAIVER_ARCHIVE_KEY: "7f".repeat(32) };
    expect(load(withoutTls, { env })).toEqual({
      ...DEFAULTS,
      gateway: { ...DEFAULTS.gateway, adminSocket: "/run/waiver/admin.sock" },
      persistence: {
        ...DEFAULTS.persistence,
        archive: {
          ...DEFAULTS.persistence.archive,
          endpoint: "https://s3.example.com",
          prefix: "my-exchange",
          key: new Uint8Array(32).fill(0x7f),
        },
      },
      tracing: { ...DEFAULTS.tracing, otlpUrl: "http://127.0.0.1:4318/v1/traces" },
    });
    expect(leafNames(TOML.parse(uncommented)).sort()).toEqual(
      KNOWN_KEYS.map((key) => key.name).sort(),
    );
  });
});

describe("the file", () => {
  test("sets every key", () => {
    const keyFile = join(directory, "key");
    writeFileSync(keyFile, `${"07".repeat(32)}\n`);
    const keys = `
      data_dir = "/srv/waiver"
      [gateway]
      host = "127.0.0.1"
      port = 0
      max_connections = 5
      max_http_connections = 17
      connections_per_address_max = 2
      heartbeat_interval = 7
      login_timeout_ms = 500
      backpressure_limit_bytes = 2097152
      slow_consumer_ms = 100
      buffer_bytes_total = 1048576
      allowed_origins = ["https://example.com"]
      frame_bytes_max = 4096
      compression = true
      trusted_proxies = ["10.1.2.3/8", "::1"]
      require_tls = true
      admin_socket = "/run/admin.sock"
      tls = { more_certificates = [], more_keys = [] }
      rate_limits = { orders_per_second = 1, market_data_per_second = 2, burst_limit = 3, connections_per_second = 4, http_requests_per_second = 5 }
      auth.anonymous_market_data = false
      auth.sign_up = true
      auth.sign_up_cash = 7
      auth.sign_up_shares = ["SYMBOL_1=10", "KCQB1=2"]
      auth.sign_up_users_max = 9
      auth.api_key_validation = true
      auth.session_lifetime = 60
      auth.jwt_support = true
      auth.jwt_issuer = "https://id.example.com"
      auth.jwt_audience = "exchange"
      auth.jwt_keys = "https://id.example.com/keys"
      auth.jwt_algorithms = ["ES256", "EdDSA"]
      auth.jwt_user_claim = "email"
      auth.jwt_users = ["ann@example.com=usr_1", "a=b=usr_22"]
      [persistence]
      backend = "cloud"
      [persistence.local]
      wal_dir = "/fast/wal"
      snapshot_dir = "/big/snapshots"
      max_wal_files = 4
      max_snapshots = 3
      snapshot_interval = 20
      snapshot_spacing = 3
      snapshot_change_percent = 7
      low_space_bytes = 0
      durability = "interval"
      flush_interval_ms = 25
      segment_bytes = 1048576
      [persistence.cloud]
      s3_bucket = "b"
      region = "r"
      endpoint = "http://127.0.0.1:9000/"
      prefix = "one/two"
      upload_interval = 1
      request_timeout_ms = 200
      retention_days = 2
      key_file = "${keyFile}"
      [market]
      price_increment = 5
      price_band_percent = 12.34
      price_band_window_ms = 4000
      max_order_quantity = 1000
      max_order_notional = 4503599627370495
      max_open_orders = 50
      max_account_orders = 51
      max_account_pages = 52
      max_account_positions = 53
      max_account_order_ids = 54
      volatility_move_percent = 7.5
      volatility_window_ms = 1000
      volatility_pause_ms = 2000
      volatility_auction_ms = 3000
      maker_fee_bps = -1
      taker_fee_bps = 2
      ring_commands = 1024
      warm_up = false
      [players]
      source = "offline"
      sleeper_base_url = "http://127.0.0.1:9999/api/"
      refresh_interval_hours = 1
      fetch_timeout_ms = 50
      symbols_max = 512
      [maintenance]
      cancel_only_ms = 0
      reopen = "at-once"
      reopen_ms = 5000
      [webhooks]
      allowed_networks = ["::1"]
      [tracing]
      otlp_url = "http://127.0.0.1:4318/v1/traces"
      sample_ratio = 0.5
      [log]
      level = "debug"
      format = "json"
      slow_tick_ms = 0
    `;
    const env = {
      AWS_ACCESS_KEY_ID: "AK",
      AWS_SECRET_ACCESS_KEY: "SK",
      AWS_SESSION_TOKEN: "ST",
    };
    const config = load(keys, { env });
    expect(config).toEqual({
      dataDir: "/srv/waiver",
      adminToken: null,
      gateway: {
        host: "127.0.0.1",
        port: 0,
        connectionsMax: 5,
        httpConnectionsMax: 17,
        connectionsPerAddressMax: 2,
        connectionsPerSecond: 4,
        httpRequestsPerSecond: 5,
        heartbeatIntervalMs: 7000,
        loginTimeoutMs: 500,
        backpressureLimitBytes: 2_097_152,
        slowConsumerMs: 100,
        bufferBytesTotal: 1_048_576,
        allowedOrigins: ["https://example.com"],
        frameBytesMax: 4096,
        anonymousMarketData: false,
        compression: true,
        adminSocket: "/run/admin.sock",
        trustedProxies: [
          { address: expect.any(Uint8Array), bits: 104 },
          { address: expect.any(Uint8Array), bits: 128 },
        ],
        certificates: [],
        isTls: false,
      },
      auth: {
        sessionLifetimeMs: 60_000,
        signUp: { isOpen: true, usersMax: 9, cash: 7, shares: { SYMBOL_1: 10, KCQB1: 2 } },
        issuer: {
          issuer: "https://id.example.com",
          audience: "exchange",
          keys: "https://id.example.com/keys",
          algorithms: ["ES256", "EdDSA"],
          userClaim: "email",
          users: new Map([
            ["ann@example.com", "usr_1"],
            ["a=b", "usr_22"],
          ]),
        },
      },
      rateLimits: { ordersPerSecond: 1, marketDataPerSecond: 2, burstLimit: 3 },
      persistence: {
        backend: "cloud",
        walDir: "/fast/wal",
        snapshotDir: "/big/snapshots",
        walFilesMax: 4,
        snapshotsMax: 3,
        snapshotIntervalCommands: 20,
        snapshotSpacingMs: 3000,
        snapshotChangePercent: 7,
        lowSpaceBytes: 0,
        durability: "interval",
        flushIntervalMs: 25,
        segmentBytes: 1_048_576,
        archive: {
          bucket: "b",
          region: "r",
          endpoint: "http://127.0.0.1:9000",
          prefix: "one/two",
          uploadIntervalMs: 1000,
          requestTimeoutMs: 200,
          retentionDays: 2,
          credentials: { accessKeyId: "AK", secretAccessKey: "SK", sessionToken: "ST" },
          key: new Uint8Array(32).fill(7),
        },
      },
      market: {
        priceIncrement: 5,
        priceBandBps: 1234,
        priceBandWindowMs: 4000,
        orderQuantityMax: 1000,
        orderNotionalMax: 4_503_599_627_370_495,
        openOrdersMax: 50,
        shares: {
          openOrders: 51,
          ladderPages: 52,
          positions: 53,
          clientOrderIds: 54,
        },
        volatilityMoveBps: 750,
        volatilityWindowMs: 1000,
        volatilityPauseMs: 2000,
        volatilityAuctionMs: 3000,
        makerFeeBps: -1,
        takerFeeBps: 2,
        ringCommands: 1024,
        isWarmedUp: false,
      },
      players: {
        source: "offline",
        sleeperBaseUrl: "http://127.0.0.1:9999/api",
        refreshIntervalMs: 3_600_000,
        fetchTimeoutMs: 50,
        symbolsMax: 512,
      },
      maintenance: { cancelOnlyMs: 0, reopen: "at-once", reopenMs: 0 },
      webhooks: { allowedNetworks: [{ address: expect.any(Uint8Array), bits: 128 }] },
      tracing: { otlpUrl: "http://127.0.0.1:4318/v1/traces", sampleRatio: 0.5 },
      log: { level: "debug", format: "json", slowTickMs: 0, hasColours: true },
    });
  });

  test.each([
    ["a faulty value", '[gateway]\nport = 80\nhost = = "x"\nmax_connections = 5\n', 3],
    ["an unfinished last line", "[gateway]\nport", 2],
    ["a key said twice", "[gateway]\nport = 1\nport = 2\n", 3],
    ["a fault in the first line", "= 5\n[gateway]\n", 1],
    ["an array over several lines, by its first", "[log]\nlevel = [\n1,\n=\n]\n", 2],
    ["an unclosed string", 'data_dir = "x\n[gateway]\n', 1],
    ["an integer that is too large", "\n\n[gateway]\nport = 99999999999999999999\n", 4],
  ])("names the line of %s", (_, toml, line) => {
    const [problem, ...more] = problems(toml);
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^FILE:${line}: not TOML: .{5,}`));
  });

  test("that is very long and has an invalid first line is refused quickly, and without repeating its text", () => {
    const long = `oops\n${"# a comment\n".repeat(80_000)}`;
    expect(problems(long)).toEqual([expect.stringMatching(/^FILE: not TOML: .{5,}/)]);
    const longer = "# a comment\n".repeat(100_000);
    expect(problems(longer)).toEqual(["FILE: has more than 1048576 bytes: no configuration"]);
  });

  test("that is not UTF-8 is refused: a name in it could be read as another name", () => {
    const latin1 = Buffer.from('data_dir = "/srv/b\xf6rse"\n', "latin1");
    writeFileSync(path, latin1);
    expect(() => loadConfig({ path, env: {} })).toThrow(`${path}: not TOML: not UTF-8`);
  });

  test("that does not exist is named", () => {
    const missing = join(directory, "missing.toml");
    expect(() => loadConfig({ path: missing, env: {} })).toThrow(
      `configuration refused: ${missing}: cannot be read: ENOENT`,
    );
  });
});

describe("refusals", () => {
  test("list every bad key, one on each line", () => {
    const toml = `
      data_dir = 1979-05-27
      prot = 1
      "gateway.port" = 1
      [gateway]
      port = 99999
      hots = "x"
      max_connections = 1.5
      heartbeat_interval = "30"
      [gateway.auth]
      anonymous_market_data = "yes"
      [gatway]
      port = 1
      [persistence.local]
      durability = "always"
      segment_bytes = 1048577
      [market]
      price_band_percent = 0.125
      ring_commands = 3000
      [players]
      sleeper_base_url = "api.sleeper.app"
    `;
    const expected = [
      "prot = 1 (FILE): unknown key, the nearest known one is gateway.port",
      '"gateway.port" = 1 (FILE): unknown key, the nearest known one is gateway.port',
      'gateway.hots = "x" (FILE): unknown key, the nearest known one is gateway.host',
      'gatway = {"port":1} (FILE): unknown key, the nearest known one is gateway',
      "data_dir = 1979-05-27 (FILE): expected a string",
      "gateway.port = 99999 (FILE): expected a whole number, 0 to 65535",
      "gateway.max_connections = 1.5 (FILE): expected a whole number, 1 to 1000000",
      'gateway.heartbeat_interval = "30" (FILE): expected a whole number of seconds, 1 to 900',
      'gateway.auth.anonymous_market_data = "yes" (FILE): expected true or false',
      'persistence.local.durability = "always" (FILE): expected one of "fsync", "interval", "none"',
      "persistence.local.segment_bytes = 1048577 (FILE): expected whole mebibytes (a multiple of 1048576 bytes), 1 to 1024 of them",
      "market.price_band_percent = 0.125 (FILE): expected a percentage, 0 to 100 with up to 2 decimals",
      "market.ring_commands = 3000 (FILE): expected a power of two, 1024 to 1048576",
      'players.sleeper_base_url = "api.sleeper.app" (FILE): expected an http:// or https:// address without query or fragment',
    ];
    expect(problems(toml)).toEqual(expected);
    expect(() => load(toml)).toThrow(
      `configuration refused:\n${expected.map((p) => `  ${p.replace("FILE", path)}`).join("\n")}`,
    );
  });

  test.each([
    ["a date", "1979-05-27", "1979-05-27"],
    ["a time", "07:32:00", "07:32:00"],
    ["an instant", "1979-05-27T07:32:00Z", "1979-05-27T07:32:00Z"],
    ["infinity", "inf", "Infinity"],
    ["not a number", "nan", "NaN"],
    ["a list", "[1]", "[1]"],
    ["a table", "{ a = 1 }", '{"a":1}'],
  ])("name a number that is %s", (_, toml, shown) => {
    expect(problems(`[gateway]\nport = ${toml}`)).toEqual([
      `gateway.port = ${shown} (FILE): expected a whole number, 0 to 65535`,
    ]);
  });

  test.each([
    ["a number", "gateway = 5", "5"],
    ["a date", "gateway = 1979-05-27", "1979-05-27"],
    ["an empty list", "gateway = []", "[]"],
    ["a list of tables", "[[gateway]]\nport = 1", '[{"port":1}]'],
  ])("name a section that is %s", (_, toml, shown) => {
    expect(problems(toml)).toEqual([`gateway = ${shown} (FILE): expected a table, [gateway]`]);
  });

  test("name keys that are also built-in members of objects", () => {
    expect(
      problems("[gateway]\n__proto__ = 1\nconstructor = 2\n").map((p) => p.split(":")[0]),
    ).toEqual(["gateway.__proto__ = 1 (FILE)", "gateway.constructor = 2 (FILE)"]);
  });

  test("say why a key is not supported", () => {
    expect(
      problems(`
        [gateway.auth]
        api_key_validation = false
      `),
    ).toEqual([
      "gateway.auth.api_key_validation = false (FILE): expected true: API keys are always checked, there is no mode without",
    ]);
  });

  test("whose tokens log in, by which signatures, and where his keys are", () => {
    const auth = (lines: string) => problems(`[gateway.auth]\njwt_support = true\n${lines}`);
    const pair = ["gateway.auth.jwt_issuer and gateway.auth.jwt_keys: expected both or neither"];
    expect(auth("")).toEqual([]);
    expect(auth('jwt_issuer = "a"')).toEqual(pair);
    expect(auth('jwt_keys = "a.json"')).toEqual(pair);
    const both = (keys: string) => `jwt_issuer = "a"\njwt_keys = "${keys}"\n`;
    for (const keys of ["a.json", "https://a/b", "http://localhost:1/b", "http://[::1]/b"]) {
      expect(auth(both(keys))).toEqual([]);
    }
    for (const keys of ["http://a/b", "ftp://a", ""]) {
      expect(auth(both(keys))).toEqual([
        `gateway.auth.jwt_keys = "${keys}" (FILE): expected a file, or an https:// address (http:// on this machine only), with a JSON Web Key Set`,
      ]);
    }
    for (const algorithm of ["none", "HS256", "eddsa"]) {
      expect(auth(`jwt_algorithms = ["${algorithm}"]`)).toEqual([
        `gateway.auth.jwt_algorithms.0 = "${algorithm}" (FILE): expected one of "EdDSA", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"`,
      ]);
    }
    expect(auth("jwt_algorithms = []")).toEqual([
      "gateway.auth.jwt_algorithms = [] (FILE): expected at least one algorithm",
    ]);
    for (const name of ["waiver", ""]) {
      expect(auth(`jwt_issuer = "${name}"\njwt_keys = "a"`)[0]).toBe(
        `gateway.auth.jwt_issuer = "${name}" (FILE): expected a name other than "waiver", which is the exchange's own`,
      );
    }
    for (const user of ["usr_1", "=usr_1", "a=usr_0", "a=1"]) {
      expect(auth(`jwt_users = ["${user}"]`)).toEqual([
        `gateway.auth.jwt_users.0 = "${user}" (FILE): expected subject=usr_<n>, such as ann@example.com=usr_1`,
      ]);
    }
  });

  test.each([{}, { AWS_ACCESS_KEY_ID: "AK" }, { AWS_SECRET_ACCESS_KEY: "SK" }])(
    "ask for the keys of the archive: %j is not enough",
    (env) => {
      expect(problems('persistence.backend = "cloud"', { env })).toEqual([
        'persistence.backend = "cloud": expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment',
      ]);
    },
  );

  test.each(["/a", "a/", "a//b", "a b"])("an object prefix %j", (prefix) => {
    expect(problems(`persistence.cloud.prefix = "${prefix}"`)).toEqual([
      `persistence.cloud.prefix = "${prefix}" (FILE): expected letters, digits and ! - _ . ' ( ) / without a slash at either end`,
    ]);
  });

  test.each(["https://example.com/", "example.com", "https://a.b/c", "*"])(
    "an origin %j",
    (text) => {
      expect(problems(`gateway.allowed_origins = ["${text}"]`)).toEqual([
        `gateway.allowed_origins.0 = "${text}" (FILE): expected an origin such as https://example.com, without a slash at the end`,
      ]);
    },
  );

  test("name directories that are one and the same", () => {
    expect(
      problems(`
        [persistence.local]
        wal_dir = "/x/y"
        snapshot_dir = "/x/../x/y"
      `),
    ).toEqual([
      'persistence.local.snapshot_dir = "/x/y": expected another directory than persistence.local.wal_dir',
    ]);
  });

  test("include a limit on the value of orders that is below the price of one share", () => {
    const limit = (notional: number, increment: number): string[] =>
      problems(`
        [market]
        max_order_notional = ${notional}
        price_increment = ${increment}
      `);
    expect([limit(0, 100), limit(100, 100), limit(1, 1)]).toEqual([[], [], []]);
    expect(limit(99, 100)).toEqual([
      "market.max_order_notional = 99 (FILE): expected 0, or at least what one share costs, " +
        "market.price_increment = 100 (FILE)",
    ]);
  });

  test("include a rebate above the fee that pays it, and name the allowed minimum", () => {
    const fees = (maker: number, taker: number): string[] =>
      problems(`
        [market]
        maker_fee_bps = ${maker}
        taker_fee_bps = ${taker}
      `);
    expect([fees(-10, 10), fees(-1000, 1000), fees(10, 0)]).toEqual([[], [], []]);
    expect(fees(-11, 10)).toEqual([
      "market.maker_fee_bps = -11 (FILE): expected at least -10, because the rebate is paid from " +
        "market.taker_fee_bps = 10 (FILE)",
    ]);
    expect(problems("market.maker_fee_bps = -1")).toEqual([
      "market.maker_fee_bps = -1 (FILE): expected at least 0, because the rebate is paid from " +
        "market.taker_fee_bps = 0 (default)",
    ]);
  });
});

describe("ranges", () => {
  const edges: [string, number, number][] = [
    ["gateway.port", 0, 65_535],
    ["gateway.frame_bytes_max", 1024, 16_777_216],
    ["gateway.backpressure_limit_bytes", 65_536, 1_073_741_824],
    ["gateway.slow_consumer_ms", 100, 600_000],
    ["gateway.buffer_bytes_total", 1_048_576, 1_099_511_627_776],
    ["persistence.local.segment_bytes", 1_048_576, 1_073_741_824],
    ["market.price_band_percent", 0, 100],
    ["market.price_band_window_ms", 0, 86_400_000],
    ["market.max_order_quantity", 0, QUANTITY_MAX],
    ["market.max_order_notional", 0, CASH_MAX],
    ["market.max_open_orders", 0, 1_000_000],
    ["market.max_account_orders", 1, ORDER_SLOT_COUNT - 1],
    ["market.max_account_pages", 1, PAGES_MAX - 1],
    ["market.max_account_positions", 0, POSITIONS_MAX - 1],
    ["market.max_account_order_ids", 1, RECENT_CLIENT_IDS_MAX],
    ["market.volatility_move_percent", 0, 100],
    ["market.volatility_window_ms", 1, 86_400_000],
    ["market.volatility_pause_ms", 1, 86_400_000],
    ["market.volatility_auction_ms", 0, 86_400_000],
    ["market.maker_fee_bps", -1000, 1000],
    ["market.taker_fee_bps", 0, 1000],
    ["market.ring_commands", 1024, 1_048_576],
    ["players.symbols_max", 512, 65_536],
  ];
  test.each(edges)("%s is accepted from %d to %d and not outside", (name, min, max) => {
    // What a rebate of any size can be paid from.
    const beside = name === "market.maker_fee_bps" ? "market.taker_fee_bps = 1000" : "";
    const refused = (value: number) =>
      problems(`${name} = ${value}\n${beside}`).map((p) => p.split(" (")[0]);
    expect([min - 1, min, max, max + 1].map(refused)).toEqual([
      [`${name} = ${min - 1}`],
      [],
      [],
      [`${name} = ${max + 1}`],
    ]);
  });

  test("an account may have a position in every symbol by default", () => {
    const positions = (symbols: number) =>
      load(`players.symbols_max = ${symbols}`).market.shares.positions;
    expect([512, 4096, 65_536].map(positions)).toEqual([4096, 4096, 65_536]);
  });

  test.each([
    [0.07, 7],
    [0.29, 29],
    [33.33, 3333],
    [99.99, 9999],
    [100, 10_000],
  ])("%d percent is %d basis points", (percent, bps) => {
    expect(load(`market.price_band_percent = ${percent}`).market.priceBandBps).toBe(bps);
  });
});

describe("the environment", () => {
  test("overrides the file, each value read as its key's type", () => {
    const env = {
      WAIVER_DATA_DIR: "/from/env",
      WAIVER_GATEWAY__PORT: "9000",
      WAIVER_GATEWAY__RATE_LIMITS__BURST_LIMIT: "20",
      WAIVER_GATEWAY__AUTH__ANONYMOUS_MARKET_DATA: "false",
      WAIVER_MARKET__PRICE_BAND_PERCENT: "2.5",
      WAIVER_PERSISTENCE__CLOUD__S3_BUCKET: "12",
      PATH: "/bin",
      WAIVER_PORT: "tcp://10.0.0.1:8080",
      WAIVER_SERVICE_HOST: "as Kubernetes names a service",
      WAIVER_SLEEPER_DATA: "somebody else's",
      HOME__X: "somebody else's",
    };
    expect(load("[gateway]\nport = 1\nheartbeat_interval = 5\n", { env })).toEqual({
      ...DEFAULTS,
      dataDir: "/from/env",
      gateway: {
        ...DEFAULTS.gateway,
        port: 9000,
        heartbeatIntervalMs: 5000,
        anonymousMarketData: false,
      },
      rateLimits: { ...DEFAULTS.rateLimits, burstLimit: 20 },
      persistence: {
        ...DEFAULTS.persistence,
        walDir: "/from/env/wal",
        snapshotDir: "/from/env/snapshots",
        archive: { ...DEFAULTS.persistence.archive, bucket: "12" },
      },
      market: { ...DEFAULTS.market, priceBandBps: 250, priceBandWindowMs: 300_000 },
    });
  });

  test("can set every key", () => {
    for (const { name, variable } of KNOWN_KEYS) {
      const env = { [variable]: "" };
      expect(problems("", { env }).map((p) => p.split(":")[0])).toEqual([
        `${name} = "" (${variable})`,
      ]);
    }
  });

  test("is refused if it names an unknown key or has a bad value", () => {
    const env = {
      WAIVER_GATEWAY__PROT: "1",
      WAIVER_gateway__port: "1",
      WAIVER_GATEWAY__PORT: "0x50",
      WAIVER_GATEWAY__MAX_CONNECTIONS: "",
      WAIVER_GATEWAY__AUTH__JWT_SUPPORT: "1",
      WAIVER_GATEWAY__HOST: "",
    };
    expect(problems("", { env })).toEqual([
      'WAIVER_GATEWAY__PROT = "1": unknown key, the nearest known one is WAIVER_GATEWAY__PORT',
      'WAIVER_gateway__port = "1": unknown key, the nearest known one is WAIVER_GATEWAY__PORT',
      'gateway.host = "" (WAIVER_GATEWAY__HOST): expected a string that is not empty',
      'gateway.port = "0x50" (WAIVER_GATEWAY__PORT): expected a whole number, 0 to 65535',
      'gateway.max_connections = "" (WAIVER_GATEWAY__MAX_CONNECTIONS): expected a whole number, 1 to 1000000',
      'gateway.auth.jwt_support = "1" (WAIVER_GATEWAY__AUTH__JWT_SUPPORT): expected true or false',
    ]);
  });

  test("is refused if it misspells a variable of the exchange; the message has no value", () => {
    const env = {
      WAIVER_GATEWAY_PORT: "1",
      WAIVER_GATEWAY_RATE_LIMITS_BURST_LIMIT: "1",
      WAIVER_DATADIR: "1",
      WAIVER_ADMIN_TOEKN: "1",
      WAIVER_ARCHIVE_KY: "1",
    };
    expect(problems("", { env })).toEqual([
      "WAIVER_GATEWAY_PORT: unknown, WAIVER_GATEWAY__PORT may be meant",
      "WAIVER_GATEWAY_RATE_LIMITS_BURST_LIMIT: unknown, WAIVER_GATEWAY__RATE_LIMITS__BURST_LIMIT may be meant",
      "WAIVER_DATADIR: unknown, WAIVER_DATA_DIR may be meant",
      "WAIVER_ADMIN_TOEKN: unknown, WAIVER_ADMIN_TOKEN may be meant",
      "WAIVER_ARCHIVE_KY: unknown, WAIVER_ARCHIVE_KEY may be meant",
    ]);
  });

  test("is ignored where Kubernetes sets variables for a service of the same name", () => {
    const env = { WAIVER_GATEWAY_PORT: "tcp://10.0.0.1:8080" };
    expect(loadConfig({ env }).gateway.port).toBe(8080);
  });

  test.each(["https://a.example, https://b.example", '["https://a.example","https://b.example"]'])(
    "has lists as %s",
    (list) => {
      const env = { WAIVER_GATEWAY__ALLOWED_ORIGINS: list };
      const { allowedOrigins } = loadConfig({ env }).gateway;
      expect([...allowedOrigins]).toEqual(["https://a.example", "https://b.example"]);
    },
  );

  test("does not hide a bad value in the file", () => {
    const file =
      '[gateway]\nport = "x"\nhost = ""\nmax_connections = 0\nallowed_origins = ["a"]\ntrusted_proxies = []\n';
    const env = {
      WAIVER_GATEWAY__PORT: "70000",
      WAIVER_GATEWAY__HOST: "::1",
      WAIVER_GATEWAY__ALLOWED_ORIGINS: "https://a.example",
      WAIVER_GATEWAY__TRUSTED_PROXIES: "::1",
    };
    expect(problems(file, { env, overrides: { port: 0 } })).toEqual([
      'gateway.port = "x" (FILE): expected a whole number, 0 to 65535',
      'gateway.host = "" (FILE): expected a string that is not empty',
      'gateway.allowed_origins.0 = "a" (FILE): expected an origin such as https://example.com, without a slash at the end',
      "gateway.port = 70000 (WAIVER_GATEWAY__PORT): expected a whole number, 0 to 65535",
      "gateway.max_connections = 0 (FILE): expected a whole number, 1 to 1000000",
    ]);
  });

  test("holds the admin token, and no message shows it", () => {
    expect(loadConfig({ env: { WAIVER_ADMIN_TOKEN: "s3cret" } }).adminToken).toBe("s3cret");
    expect(loadConfig({ env: { WAIVER_ADMIN_TOKEN: "" } }).adminToken).toBeNull();
    expect(problems("", { env: { WAIVER_ADMIN_TOKEN: "my secret" } })).toEqual([
      "WAIVER_ADMIN_TOKEN: expected printable ASCII without spaces",
    ]);
  });
});

describe("the command line", () => {
  test("overrides file and environment", () => {
    const config = load('data_dir = "/file"\n[gateway]\nport = 1\n', {
      env: { WAIVER_DATA_DIR: "/env", WAIVER_GATEWAY__PORT: "2" },
      overrides: { port: 3, dataDir: "/option" },
    });
    expect([config.gateway.port, config.dataDir]).toEqual([3, "/option"]);
    expect([config.persistence.walDir, config.persistence.snapshotDir]).toEqual([
      "/option/wal",
      "/option/snapshots",
    ]);
  });

  test("does not move directories that the file sets", () => {
    const config = load('[persistence.local]\nwal_dir = "/fast/wal"\n', {
      overrides: { dataDir: "/option" },
    });
    expect([config.persistence.walDir, config.persistence.snapshotDir]).toEqual([
      "/fast/wal",
      "/option/snapshots",
    ]);
  });

  test("is validated like the rest", () => {
    expect(problems("", { overrides: { port: 70_000, dataDir: "" } })).toEqual([
      'data_dir = "" (--data-dir): expected a string that is not empty',
      "gateway.port = 70000 (--port): expected a whole number, 0 to 65535",
    ]);
  });
});
