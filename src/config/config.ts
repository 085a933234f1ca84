/**
 * The configuration in use: derived from the raw one once, in the units that the code counts in, and asserted. The other
 * rooms take plain constants from here, and only this room reads the environment.
 */
import { join, resolve } from "node:path";
import * as v from "valibot";
import { assert } from "../lib/assert.ts";
import { WHOLE_BPS } from "../lib/basis-points.ts";
import { paysMoreThanItTakes } from "../lib/fee-balance.ts";
import { type Network, parseNetwork } from "../lib/ip-address.ts";
import { isTokenText } from "../lib/token-text.ts";
import { readArchiveKey } from "./archive-key.ts";
import { type Certificate, readCertificates } from "./certificates.ts";
import { ConfigError, show } from "./config-error.ts";
import { type Environment, Layers } from "./layers.ts";
import { type RawConfig, rawConfigSchema } from "./raw-config.ts";
import { type Setting, settingsOf } from "./settings.ts";
import { readTomlFile } from "./toml-file.ts";

/**
 * Symbols that an account may have a position in when `max_account_positions` is 0: this many, or `symbols_max` if that is
 * more.
 */
const POSITIONS_DEFAULT_MIN = 4096;

export type Config = ReturnType<typeof derive>;

/** Where the archive is and how to talk to it. */
export type ArchiveConfig = ReturnType<typeof deriveArchive>;

/**
 * The login at the S3 server. It comes from the environment alone: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN.
 */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Belongs to temporary credentials; empty = these are not temporary. */
  sessionToken: string;
}

export interface ConfigSources {
  /** The TOML file; without one its keys have their defaults. */
  path?: string | undefined;
  /** The environment; the process's own by default. */
  env?: Environment;
  /** From the command line. They replace what the file and the environment say. */
  overrides?: {
    port?: number | undefined;
    dataDir?: string | undefined;
    logFormat?: string | undefined;
  };
  /** Defaults that replace the schema's, by the keys' names, such as `players.source`. */
  defaults?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Reads, checks and derives the configuration. Relative directories are relative to the working
 * directory. Throws `ConfigError` with one line for every key that is unknown or has a bad value.
 */
export function loadConfig({
  path,
  env = process.env,
  overrides = {},
  defaults = {},
}: ConfigSources = {}): Config {
  const layers = new Layers();
  for (const [name, value] of Object.entries(defaults)) {
    layers.set(name.split("."), value, "default");
  }
  if (path !== undefined) layers.addFile(path, readTomlFile(path));
  layers.addEnvironment(env);
  if (overrides.port !== undefined) layers.set(["gateway", "port"], overrides.port, "--port");
  if (overrides.dataDir !== undefined) layers.set(["data_dir"], overrides.dataDir, "--data-dir");
  if (overrides.logFormat !== undefined)
    layers.set(["log", "format"], overrides.logFormat, "--log");

  const checked = v.safeParse(rawConfigSchema, layers.table, { abortPipeEarly: true });
  const problems = [...layers.problems, ...coveredProblems(layers)];
  for (const issue of checked.issues ?? []) {
    const name = v.getDotPath(issue) ?? "";
    problems.push(problemText(issue, layers.sourceOf(name)));
  }
  const adminToken = env.WAIVER_ADMIN_TOKEN || null;
  // The value is a secret: the message does not show it.
  if (adminToken !== null && !isTokenText(adminToken)) {
    problems.push("WAIVER_ADMIN_TOKEN: expected printable ASCII without spaces");
  }
  const credentials: Credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "",
    sessionToken: env.AWS_SESSION_TOKEN ?? "",
  };
  const keyFile = checked.success ? checked.output.persistence.cloud.key_file : undefined;
  const archiveKey = readArchiveKey(env.WAIVER_ARCHIVE_KEY, keyFile);
  if (archiveKey.problem !== null) problems.push(archiveKey.problem);
  const tls = checked.success ? readTls(checked.output.gateway.tls) : NO_TLS;
  problems.push(...tls.problems);
  if (checked.success) problems.push(...contradictions(checked.output, layers, credentials));
  if (problems.length > 0 || !checked.success) throw new ConfigError(problems);
  const { certificates } = tls;
  const secrets = { adminToken, credentials, archiveKey: archiveKey.key, certificates };
  const hasColours = (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  return derive(checked.output, settingsOf(checked.output, layers), secrets, hasColours);
}

/** Problems of values that a later layer replaced: they have to be right all the same. */
function coveredProblems({ covered }: Layers): string[] {
  return covered.flatMap(({ name, source, table }) => {
    const { issues = [] } = v.safeParse(rawConfigSchema, table, { abortPipeEarly: true });
    const own = issues.filter((issue) => v.getDotPath(issue)?.replace(/\.\d+$/, "") === name);
    return own.map((issue) => problemText(issue, source));
  });
}

function problemText(issue: v.BaseIssue<unknown>, source: string): string {
  return `${v.getDotPath(issue) ?? ""} = ${show(issue.input)} (${source}): expected ${issue.message}`;
}

const NO_TLS = { certificates: [] as Certificate[], problems: [] as string[] };

/** Reads the configured certificates. The first one is shown to clients that name no host. */
function readTls(tls: RawConfig["gateway"]["tls"]): typeof NO_TLS {
  const { certificate, key, more_certificates, more_keys } = tls;
  if (certificate === undefined && key === undefined && more_certificates.length === 0) {
    return more_keys.length === 0 ? NO_TLS : { ...NO_TLS, problems: [UNEQUAL_LISTS] };
  }
  if (certificate === undefined || key === undefined) {
    return {
      ...NO_TLS,
      problems: ["gateway.tls: expected both certificate and key, or neither for no TLS"],
    };
  }
  if (more_certificates.length !== more_keys.length)
    return { ...NO_TLS, problems: [UNEQUAL_LISTS] };
  const named = (name: string, file: string): string => `gateway.tls.${name} = ${show(file)}`;
  return readCertificates([
    {
      certificate,
      key,
      names: { certificate: named("certificate", certificate), key: named("key", key) },
    },
    ...more_certificates.map((file, i) => {
      const itsKey = more_keys[i] as string;
      const names = {
        certificate: named(`more_certificates.${i}`, file),
        key: named(`more_keys.${i}`, itsKey),
      };
      return { certificate: file, key: itsKey, names };
    }),
  ]);
}

const UNEQUAL_LISTS =
  "gateway.tls: expected as many more_keys as more_certificates, in the same order, after certificate and key";

/** Whether a socket that listens on `host` can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The http or https address of the exchange, as it is reached from this machine. */
export function originOf({ host, isTls }: Config["gateway"], port: number): string {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const name = isEverywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${isTls ? "https" : "http"}://${name}:${port}`;
}

/** One line for each combination of keys that contradict each other, though each alone is well-formed. */
function contradictions(raw: RawConfig, layers: Layers, credentials: Credentials): string[] {
  const { walDir, snapshotDir } = directories(raw);
  const problems: string[] = [];
  if (walDir === snapshotDir) {
    problems.push(
      `persistence.local.snapshot_dir = ${show(snapshotDir)}: expected another directory than persistence.local.wal_dir`,
    );
  }
  const { host, require_tls, tls } = raw.gateway;
  if (require_tls && tls.certificate === undefined && !isLoopback(host)) {
    problems.push(
      `gateway.require_tls = true (${layers.sourceOf("gateway.require_tls")}): expected gateway.tls.certificate and ` +
        `gateway.tls.key, or a gateway.host that only this machine reaches; it is ${show(host)}`,
    );
  }
  const isSigned = credentials.accessKeyId !== "" && credentials.secretAccessKey !== "";
  if (raw.persistence.backend === "cloud" && !isSigned) {
    problems.push(
      'persistence.backend = "cloud": expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment',
    );
  }
  const { jwt_issuer, jwt_keys } = raw.gateway.auth;
  if ((jwt_issuer === undefined) !== (jwt_keys === undefined)) {
    problems.push("gateway.auth.jwt_issuer and gateway.auth.jwt_keys: expected both or neither");
  }
  const { max_order_notional: notional, price_increment: increment } = raw.market;
  if (notional !== 0 && notional < increment) {
    problems.push(
      `market.max_order_notional = ${notional} (${layers.sourceOf("market.max_order_notional")}): expected 0, or at least ` +
        `what one share costs, market.price_increment = ${increment} (${layers.sourceOf("market.price_increment")})`,
    );
  }
  const { maker_fee_bps: maker, taker_fee_bps: taker } = raw.market;
  if (paysMoreThanItTakes(maker, taker)) {
    problems.push(
      `market.maker_fee_bps = ${maker} (${layers.sourceOf("market.maker_fee_bps")}): expected at least ${-taker}, ` +
        `because the rebate is paid from market.taker_fee_bps = ${taker} (${layers.sourceOf("market.taker_fee_bps")})`,
    );
  }
  return problems;
}

function directories(raw: RawConfig) {
  const dataDir = resolve(raw.data_dir);
  const { wal_dir, snapshot_dir } = raw.persistence.local;
  return {
    dataDir,
    walDir: wal_dir === undefined ? join(dataDir, "wal") : resolve(wal_dir),
    snapshotDir: snapshot_dir === undefined ? join(dataDir, "snapshots") : resolve(snapshot_dir),
  };
}

/** What is configured outside the TOML file, because it is secret or comes from files of its own. */
interface Secrets {
  adminToken: string | null;
  credentials: Credentials;
  archiveKey: Uint8Array | null;
  certificates: readonly Certificate[];
}

function deriveArchive(
  cloud: RawConfig["persistence"]["cloud"],
  { credentials, archiveKey }: Secrets,
) {
  return {
    bucket: cloud.s3_bucket,
    region: cloud.region,
    /** Without a slash at the end; null = Amazon's own for `region`. */
    endpoint: cloud.endpoint?.replace(/\/+$/, "") ?? null,
    /** What every object's name begins with: empty, or without a slash at the end. */
    prefix: cloud.prefix ?? "",
    uploadIntervalMs: cloud.upload_interval * 1000,
    requestTimeoutMs: cloud.request_timeout_ms,
    /** 0 = the server is not asked for retention. */
    retentionDays: cloud.retention_days,
    credentials,
    /** Seals users and keys, 32 bytes; null = they are not archived. */
    key: archiveKey,
  };
}

function deriveAuth(auth: RawConfig["gateway"]["auth"]) {
  const { jwt_issuer, jwt_keys, jwt_audience, jwt_algorithms, jwt_user_claim, jwt_users } = auth;
  const isServed = auth.jwt_support && jwt_issuer !== undefined && jwt_keys !== undefined;
  return {
    sessionLifetimeMs: auth.session_lifetime * 1000,
    signUp: {
      isOpen: auth.sign_up,
      usersMax: auth.sign_up_users_max,
      /** Cents. */
      cash: auth.sign_up_cash,
      /** Number of shares by symbol or ticker. */
      shares: Object.fromEntries(
        auth.sign_up_shares.map((each) => {
          const [symbol = "", shares] = each.split("=");
          return [symbol, Number(shares)];
        }),
      ) as Readonly<Record<string, number>>,
    },
    /** The issuer whose tokens the exchange accepts beside its own; null = none. */
    issuer: isServed
      ? {
          issuer: jwt_issuer,
          audience: jwt_audience,
          keys: jwt_keys,
          algorithms: jwt_algorithms as readonly string[],
          userClaim: jwt_user_claim,
          /** User ids by the claim's value. */
          users: new Map(
            jwt_users.map((pair) => {
              const at = pair.lastIndexOf("=");
              return [pair.slice(0, at), pair.slice(at + 1)] as const;
            }),
          ),
        }
      : null,
  };
}

function derive(
  raw: RawConfig,
  settings: readonly Setting[],
  secrets: Secrets,
  hasColours: boolean,
) {
  const { gateway, players } = raw;
  return {
    /** Every key with its value as it was configured, without secrets. */
    settings,
    dataDir: directories(raw).dataDir,
    /** From WAIVER_ADMIN_TOKEN; null = the one in `<data_dir>/admin-token`. */
    adminToken: secrets.adminToken,
    gateway: deriveGateway(raw.gateway, secrets.certificates),
    auth: deriveAuth(gateway.auth),
    /** For users who have no limits of their own. */
    rateLimits: {
      ordersPerSecond: gateway.rate_limits.orders_per_second,
      marketDataPerSecond: gateway.rate_limits.market_data_per_second,
      burstLimit: gateway.rate_limits.burst_limit,
    },
    persistence: derivePersistence(raw, secrets),
    market: deriveMarket(raw),
    players: {
      source: players.source,
      /** Without a slash at the end. */
      sleeperBaseUrl: players.sleeper_base_url.replace(/\/+$/, ""),
      refreshIntervalMs: players.refresh_interval_hours * 3_600_000,
      fetchTimeoutMs: players.fetch_timeout_ms,
      symbolsMax: players.symbols_max,
    },
    maintenance: {
      /** How long before a window only cancels are accepted. */
      cancelOnlyMs: raw.maintenance.cancel_only_ms,
      reopen: raw.maintenance.reopen,
      /** How long the auction or the post-only phase after a window lasts; 0 = there is none. */
      reopenMs: raw.maintenance.reopen === "at-once" ? 0 : raw.maintenance.reopen_ms,
    },
    webhooks: {
      /** Private networks that webhooks may lead to, also without TLS. */
      allowedNetworks: networksOf(raw.webhooks.allowed_networks),
    },
    tracing: {
      /** Where a collector takes traces over OTLP/HTTP; null = off. */
      otlpUrl: raw.tracing.otlp_url ?? null,
      /** Share of the orders on WebSockets that are traced, 0 to 1; 0 = off. */
      sampleRatio: raw.tracing.sample_ratio,
    },
    log: {
      level: raw.log.level,
      /** "auto": "human" where standard output is a terminal, otherwise "json". */
      format: raw.log.format,
      /** A tick that takes longer is logged; 0 = no tick is. */
      slowTickMs: raw.log.slow_tick_ms,
      /** Whether NO_COLOR and TERM allow colours on a terminal. */
      hasColours,
    },
  } as const;
}

function deriveGateway(gateway: RawConfig["gateway"], certificates: Secrets["certificates"]) {
  return {
    host: gateway.host,
    /** 0 = any free port. */
    port: gateway.port,
    connectionsMax: gateway.max_connections,
    httpConnectionsMax: gateway.max_http_connections,
    /** 0 = no limit. */
    connectionsPerAddressMax: gateway.connections_per_address_max,
    connectionsPerSecond: gateway.rate_limits.connections_per_second,
    httpRequestsPerSecond: gateway.rate_limits.http_requests_per_second,
    heartbeatIntervalMs: gateway.heartbeat_interval * 1000,
    loginTimeoutMs: gateway.login_timeout_ms,
    backpressureLimitBytes: gateway.backpressure_limit_bytes,
    slowConsumerMs: gateway.slow_consumer_ms,
    bufferBytesTotal: gateway.buffer_bytes_total,
    allowedOrigins: gateway.allowed_origins as readonly string[],
    frameBytesMax: gateway.frame_bytes_max,
    anonymousMarketData: gateway.auth.anonymous_market_data,
    compression: gateway.compression,
    trustedProxies: networksOf(gateway.trusted_proxies),
    /** Path of a Unix socket that serves the admin API as well; null = there is none. */
    adminSocket: gateway.admin_socket === undefined ? null : resolve(gateway.admin_socket),
    /** With their keys. The first one is shown to clients that name no host. Empty = no TLS. */
    certificates,
    isTls: certificates.length > 0,
  } as const;
}

function derivePersistence(raw: RawConfig, secrets: Secrets) {
  const { walDir, snapshotDir } = directories(raw);
  const { backend, local, cloud } = raw.persistence;
  assert(local.segment_bytes % 4096 === 0, "segments are preallocated in whole disk pages");
  return {
    backend,
    walDir,
    snapshotDir,
    walFilesMax: local.max_wal_files,
    snapshotsMax: local.max_snapshots,
    /** Orders, amendments and cancels from one snapshot to the next, and the least time between two snapshots. */
    snapshotIntervalCommands: local.snapshot_interval,
    snapshotSpacingMs: local.snapshot_spacing * 1000,
    /** How much the journal has to have grown for the next snapshot, as a share of the last one's length. */
    snapshotChangePercent: local.snapshot_change_percent,
    /** Free bytes below which a disk that the exchange writes to is reported; 0 = never. */
    lowSpaceBytes: local.low_space_bytes,
    durability: local.durability,
    /** Used with durability "interval" only. */
    flushIntervalMs: local.flush_interval_ms,
    segmentBytes: local.segment_bytes,
    /** The exchange uses it with backend "cloud" only; `waiver restore` and `waiver archive` use it with either backend. */
    archive: deriveArchive(cloud, secrets),
  } as const;
}

function deriveMarket({ market, players }: RawConfig) {
  const priceBandBps = Math.round(market.price_band_percent * 100);
  const isShare =
    Number.isSafeInteger(priceBandBps) && priceBandBps >= 0 && priceBandBps <= WHOLE_BPS;
  assert(isShare, "the schema keeps price_band_percent between 0 and 100");
  assert((market.ring_commands & (market.ring_commands - 1)) === 0, "ring indices are masked");
  return {
    /** In cents. */
    priceIncrement: market.price_increment,
    /** Basis points of the reference price; 0 = off. */
    priceBandBps,
    /** How long a band keeps its reference price, also one that an operator set; 0 = the price is the last trade's. */
    priceBandWindowMs: market.price_band_window_ms,
    /** In shares; 0 = no limit. */
    orderQuantityMax: market.max_order_quantity,
    /** In cents; 0 = no limit. */
    orderNotionalMax: market.max_order_notional,
    /** Open orders of an account on a symbol; 0 = no limit. */
    openOrdersMax: market.max_open_orders,
    /** How much of each table an account may use, unless it has limits of its own. */
    shares: {
      openOrders: market.max_account_orders,
      ladderPages: market.max_account_pages,
      positions:
        market.max_account_positions || Math.max(POSITIONS_DEFAULT_MIN, players.symbols_max),
      clientOrderIds: market.max_account_order_ids,
    },
    /** A price move of this many basis points within the window pauses a symbol; then comes an auction. 0 = off. */
    volatilityMoveBps: Math.round(market.volatility_move_percent * 100),
    volatilityWindowMs: market.volatility_window_ms,
    volatilityPauseMs: market.volatility_pause_ms,
    volatilityAuctionMs: market.volatility_auction_ms,
    /** Fees in basis points; negative = a rebate. */
    makerFeeBps: market.maker_fee_bps,
    takerFeeBps: market.taker_fee_bps,
    /** A power of two. */
    ringCommands: market.ring_commands,
    /** Whether a start first runs made-up orders through the empty core, so that real ones meet compiled code. */
    isWarmedUp: market.warm_up,
  } as const;
}

/** Parses networks that the schema has checked already. */
function networksOf(texts: readonly string[]): readonly Network[] {
  return texts.map((text) => parseNetwork(text) as Network);
}
