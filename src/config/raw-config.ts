/**
 * The configuration as it stands in the file: every key with its type, range and default. `waiver.example.toml` says the
 * same to people, and a test keeps the two equal. The message of each check says what is expected.
 */
import * as v from "valibot";
import { parseNetwork } from "../lib/ip-address.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const GIBIBYTE = 1024 * MEBIBYTE;

/** The core's largest quantity, and the sizes of its tables. A test compares them with the core. */
const QUANTITY_MAX = 0x7fff_ffff;
const ORDERS_MAX = 2_097_151;
const PAGES_MAX = 65_535;
const POSITIONS_MAX = 4_194_303;
const CLIENT_IDS_MAX = 4_194_304;
/** Most cents that the exchange may hold. The same test compares it. */
const NOTIONAL_MAX = 2 ** 52 - 1;
const DAY_MS = 86_400_000;
const RATE_PER_SECOND_MAX = 1_000_000_000;

function whole(min: number, max: number, unit?: string) {
  const expected = `a whole number${unit ? ` of ${unit}` : ""}, ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

const flag = v.boolean("true or false");
const text = v.pipe(v.string("a string"), v.minLength(1, "a string that is not empty"));

function oneOf<const T extends readonly string[]>(...options: T) {
  return v.picklist(options, `one of ${options.map((option) => `"${option}"`).join(", ")}`);
}

const percentage = "a percentage, 0 to 100 with up to 2 decimals";
const percent = v.pipe(
  v.number(percentage),
  v.minValue(0, percentage),
  v.maxValue(100, percentage),
  // 0.07 * 100 is 7.000000000000001: compare with the nearest basis point instead.
  v.check((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-9, percentage),
);

const address = "an http:// or https:// address without query or fragment";
const httpAddress = v.pipe(
  v.string(address),
  v.check((value) => /^https?:\/\/[^?#\s]+$/.test(value) && URL.canParse(value), address),
);

const originText = "an origin such as https://example.com, without a slash at the end";
const origin = v.pipe(
  v.string(originText),
  v.check((value) => URL.canParse(value) && new URL(value).origin === value, originText),
);

const networkText = "an address or a network such as 10.0.0.0/8 or fd00::/8";
const network = v.pipe(
  v.string(networkText),
  v.check((value) => parseNetwork(value) !== null, networkText),
);

const issuerText = 'a name other than "waiver", which is the exchange\'s own';
const issuerName = v.pipe(
  v.string(issuerText),
  v.check((value) => value !== "" && value !== "waiver", issuerText),
);

const keysText =
  "a file, or an https:// address (http:// on this machine only), with a JSON Web Key Set";
const keysPlace = v.pipe(
  v.string(keysText),
  v.minLength(1, keysText),
  v.check((value) => {
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return true;
    const url = URL.parse(value);
    const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
    return url?.protocol === "https:" || (url?.protocol === "http:" && isHere);
  }, keysText),
);

/** Signatures with a public key only: with a shared secret (HS256 …) everybody who can check a token can also make one. */
const algorithm = oneOf(
  ...(["EdDSA", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"] as const),
  ...(["RS256", "RS384", "RS512"] as const),
);

const subjectText = "subject=usr_<n>, such as ann@example.com=usr_1";
const subjectUser = v.pipe(v.string(subjectText), v.regex(/^.+=usr_[1-9]\d{0,9}$/s, subjectText));

const startingText = "symbol=shares, such as SYMBOL_1=10 or a ticker and a number";
const startingShares = v.pipe(
  v.string(startingText),
  v.regex(/^(SYMBOL_(0|[1-9]\d{0,8})|[A-Z0-9]{1,16})=[1-9]\d{0,8}$/, startingText),
);

const objectName = "letters, digits and ! - _ . ' ( ) / without a slash at either end";
const objectPrefix = v.pipe(
  v.string(objectName),
  v.regex(/^[\w!\-.'()]+(\/[\w!\-.'()]+)*$/, objectName),
);

const gateway = v.strictObject({
  host: v.optional(text, "0.0.0.0"),
  port: v.optional(whole(0, 65_535), 8080),
  max_connections: v.optional(whole(1, 1_000_000), 10_000),
  max_http_connections: v.optional(whole(16, 1_000_000), 1024),
  connections_per_address_max: v.optional(whole(0, 1_000_000), 0),
  heartbeat_interval: v.optional(whole(1, 900, "seconds"), 30),
  login_timeout_ms: v.optional(whole(100, 600_000, "milliseconds"), 10_000),
  backpressure_limit_bytes: v.optional(whole(64 * KIBIBYTE, GIBIBYTE, "bytes"), 4 * MEBIBYTE),
  slow_consumer_ms: v.optional(whole(100, 600_000, "milliseconds"), 2000),
  buffer_bytes_total: v.optional(whole(MEBIBYTE, 1024 * GIBIBYTE, "bytes"), 256 * MEBIBYTE),
  allowed_origins: v.optional(v.array(origin, "a list of origins"), []),
  frame_bytes_max: v.optional(whole(KIBIBYTE, 16 * MEBIBYTE, "bytes"), MEBIBYTE),
  compression: v.optional(flag, false),
  trusted_proxies: v.optional(v.array(network, "a list of networks"), []),
  require_tls: v.optional(flag, false),
  /** Without a value: the admin API is served on the port only. */
  admin_socket: v.optional(text),
  tls: v.optional(
    v.strictObject({
      /** Without a value: no TLS. */
      certificate: v.optional(text),
      key: v.optional(text),
      more_certificates: v.optional(v.array(text, "a list of files"), []),
      more_keys: v.optional(v.array(text, "a list of files"), []),
    }),
    {},
  ),
  rate_limits: v.optional(
    v.strictObject({
      orders_per_second: v.optional(whole(1, RATE_PER_SECOND_MAX), 100),
      market_data_per_second: v.optional(whole(1, RATE_PER_SECOND_MAX), 1000),
      burst_limit: v.optional(whole(1, RATE_PER_SECOND_MAX), 10),
      connections_per_second: v.optional(whole(1, RATE_PER_SECOND_MAX), 1000),
      http_requests_per_second: v.optional(whole(1, RATE_PER_SECOND_MAX), 2000),
    }),
    {},
  ),
  auth: v.optional(
    v.strictObject({
      api_key_validation: v.optional(
        v.pipe(
          flag,
          v.literal(true, "true: API keys are always checked, there is no mode without"),
        ),
        true,
      ),
      /** How long a session lasts. */
      session_lifetime: v.optional(whole(60, 30 * 86_400, "seconds"), 43_200),
      jwt_support: v.optional(flag, false),
      /** `iss` of the tokens that are accepted; without a value: none but the exchange's own. */
      jwt_issuer: v.optional(issuerName),
      /** `aud` of these tokens. */
      jwt_audience: v.optional(text, "waiver"),
      /** Where the issuer's public keys are: a file, or an address. */
      jwt_keys: v.optional(keysPlace),
      jwt_algorithms: v.optional(
        v.pipe(
          v.array(algorithm, "a list of algorithms"),
          v.minLength(1, "at least one algorithm"),
        ),
        ["EdDSA"],
      ),
      /** The claim that names the token's user. */
      jwt_user_claim: v.optional(text, "sub"),
      /** Users by the claim's value; when the list is empty, the value is the user's id. */
      jwt_users: v.optional(v.array(subjectUser, "a list of subject=usr_<n>"), []),
      anonymous_market_data: v.optional(flag, true),
      /** Whether anybody may sign up with a name and a password. */
      sign_up: v.optional(flag, false),
      /** Cash and shares that the account of a new user begins with. */
      sign_up_cash: v.optional(whole(0, NOTIONAL_MAX, "cents"), 0),
      sign_up_shares: v.optional(v.array(startingShares, "a list of symbol=shares"), []),
      sign_up_users_max: v.optional(whole(1, 100_000, "users"), 10_000),
    }),
    {},
  ),
});

const persistence = v.strictObject({
  backend: v.optional(oneOf("local", "cloud"), "local"),
  local: v.optional(
    v.strictObject({
      /** Without a value: <data_dir>/wal. */
      wal_dir: v.optional(text),
      /** Without a value: <data_dir>/snapshots. */
      snapshot_dir: v.optional(text),
      max_wal_files: v.optional(whole(1, 1_000_000, "files"), 100),
      max_snapshots: v.optional(whole(1, 10_000, "files"), 10),
      snapshot_interval: v.optional(whole(1, 1_000_000_000, "orders"), 1000),
      snapshot_spacing: v.optional(whole(1, 86_400, "seconds"), 60),
      snapshot_change_percent: v.optional(whole(0, 1000, "percent"), 25),
      low_space_bytes: v.optional(whole(0, 2 ** 50, "bytes"), GIBIBYTE),
      durability: v.optional(oneOf("fsync", "interval", "none"), "fsync"),
      flush_interval_ms: v.optional(whole(1, 10_000, "milliseconds"), 10),
      segment_bytes: v.optional(
        v.pipe(
          whole(MEBIBYTE, GIBIBYTE, "bytes"),
          v.multipleOf(
            MEBIBYTE,
            "whole mebibytes (a multiple of 1048576 bytes), 1 to 1024 of them",
          ),
        ),
        64 * MEBIBYTE,
      ),
    }),
    {},
  ),
  cloud: v.optional(
    v.strictObject({
      s3_bucket: v.optional(text, "waiver-exchange-wal"),
      region: v.optional(text, "us-east-1"),
      /** Without a value: Amazon's own for the region. */
      endpoint: v.optional(httpAddress),
      /** What the name of every object begins with. */
      prefix: v.optional(objectPrefix),
      upload_interval: v.optional(whole(1, 86_400, "seconds"), 300),
      request_timeout_ms: v.optional(whole(100, 600_000, "milliseconds"), 30_000),
      retention_days: v.optional(whole(0, 36_500, "days"), 2555),
      /** Used when WAIVER_ARCHIVE_KEY is not set; without either, users and keys are not archived. */
      key_file: v.optional(text),
    }),
    {},
  ),
});

const market = v.strictObject({
  price_increment: v.optional(whole(1, 1_000_000, "cents"), 1),
  price_band_percent: v.optional(percent, 0),
  price_band_window_ms: v.optional(whole(0, DAY_MS, "milliseconds"), 300_000),
  max_order_quantity: v.optional(whole(0, QUANTITY_MAX, "shares"), 0),
  max_order_notional: v.optional(whole(0, NOTIONAL_MAX, "cents"), 0),
  max_open_orders: v.optional(whole(0, 1_000_000, "orders"), 0),
  max_account_orders: v.optional(whole(1, ORDERS_MAX, "orders"), 100_000),
  max_account_pages: v.optional(whole(1, PAGES_MAX, "pages"), 16_384),
  max_account_positions: v.optional(whole(0, POSITIONS_MAX, "positions"), 0),
  max_account_order_ids: v.optional(whole(1, CLIENT_IDS_MAX, "ids"), 131_072),
  volatility_move_percent: v.optional(percent, 0),
  volatility_window_ms: v.optional(whole(1, DAY_MS, "milliseconds"), 60_000),
  volatility_pause_ms: v.optional(whole(1, DAY_MS, "milliseconds"), 120_000),
  volatility_auction_ms: v.optional(whole(0, DAY_MS, "milliseconds"), 30_000),
  maker_fee_bps: v.optional(whole(-1000, 1000, "basis points"), 0),
  taker_fee_bps: v.optional(whole(0, 1000, "basis points"), 0),
  ring_commands: v.optional(
    v.pipe(
      whole(1024, 1_048_576, "commands"),
      v.check((value) => (value & (value - 1)) === 0, "a power of two, 1024 to 1048576"),
    ),
    32_768,
  ),
  warm_up: v.optional(flag, true),
});

const players = v.strictObject({
  source: v.optional(oneOf("sleeper", "offline"), "sleeper"),
  sleeper_base_url: v.optional(httpAddress, "https://api.sleeper.app"),
  refresh_interval_hours: v.optional(whole(1, 168, "hours"), 24),
  fetch_timeout_ms: v.optional(whole(1, 120_000, "milliseconds"), 5000),
  /** The least is 512, the depth-chart slots that a start without network lists. */
  symbols_max: v.optional(whole(512, 65_536, "symbols"), 4096),
});

const webhooks = v.strictObject({
  allowed_networks: v.optional(v.array(network, "a list of networks"), []),
});

const maintenance = v.strictObject({
  cancel_only_ms: v.optional(whole(0, DAY_MS, "milliseconds"), 300_000),
  reopen: v.optional(oneOf("at-once", "auction", "post-only"), "auction"),
  reopen_ms: v.optional(whole(1000, DAY_MS, "milliseconds"), 120_000),
});

const ratio = "a share of all orders, 0 to 1";
const tracing = v.strictObject({
  /** Without a value: no traces are sent. */
  otlp_url: v.optional(httpAddress),
  sample_ratio: v.optional(
    v.pipe(v.number(ratio), v.minValue(0, ratio), v.maxValue(1, ratio)),
    0.001,
  ),
});

const log = v.strictObject({
  level: v.optional(oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent"), "info"),
  format: v.optional(oneOf("auto", "human", "json"), "auto"),
  slow_tick_ms: v.optional(whole(0, 600_000, "milliseconds"), 100),
});

export const rawConfigSchema = v.strictObject({
  data_dir: v.optional(text, "./data"),
  gateway: v.optional(gateway, {}),
  persistence: v.optional(persistence, {}),
  market: v.optional(market, {}),
  players: v.optional(players, {}),
  maintenance: v.optional(maintenance, {}),
  webhooks: v.optional(webhooks, {}),
  tracing: v.optional(tracing, {}),
  log: v.optional(log, {}),
});

export type RawConfig = v.InferOutput<typeof rawConfigSchema>;
