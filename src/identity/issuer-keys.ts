/** The keys that an issuer publishes, in a file or at an address, as they are now. */
import { readFileSync, statSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { findHost } from "../lib/find-host.ts";
import { gathered } from "../lib/gathered.ts";

export interface IssuerKeys {
  /** Another number: other keys. */
  readonly version: number;
  /** Sees to it that they are those of `nowMs`, milliseconds since 1970; a promise only where somebody has to be asked. */
  refresh(nowMs: number): void | Promise<void>;
  /** As `jwtVerify` asks for one. Throws what jose throws, or why there are no keys. */
  readonly find: JWTVerifyGetKey;
}

/** How often a file is looked at. */
const FILE_COOLDOWN_MS = 1000;
const KEYS_TIMEOUT_MS = 5000;
/** An answer that is longer is no key set. */
const KEYS_BYTES_MAX = 1024 * 1024;
/** Keys from an address are asked for anew after this. */
const KEYS_KEPT_MS = 600_000;
/** How often at most an address is asked, for a key that is not known or after a fault. */
const KEYS_COOLDOWN_MS = 30_000;
/** The same while it has given no keys yet. */
const FIRST_COOLDOWN_MS = 1000;

/** Reads the file at once, and again when it has changed. One that cannot be read then changes nothing. */
export class FileKeys implements IssuerKeys {
  version = 0;
  readonly #path: string;
  #keys: ReturnType<typeof createLocalJWKSet>;
  #changedAt: number;
  #lookedAt = 0;

  /** Throws when it cannot be read. */
  constructor(path: string) {
    this.#path = path;
    const { keys, changedAt } = readKeys(path);
    this.#keys = keys;
    this.#changedAt = changedAt;
  }

  refresh(nowMs: number): void {
    if (Math.abs(nowMs - this.#lookedAt) < FILE_COOLDOWN_MS) return;
    this.#lookedAt = nowMs;
    try {
      if (statSync(this.#path).mtimeMs === this.#changedAt) return;
      const { keys, changedAt } = readKeys(this.#path);
      this.#keys = keys;
      this.#changedAt = changedAt;
      this.version++;
    } catch {
      // It may be on its way to its place: the next look finds it.
    }
  }

  readonly find: JWTVerifyGetKey = (header, token) => this.#keys(header, token);
}

/** Asks an address. One that does not answer changes nothing: its last keys count on, and nobody waits for it twice. */
export class AddressKeys implements IssuerKeys {
  version = 0;
  /** It asks when it is told to. */
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #text = "";
  #fault: unknown = null;
  #now = 0;
  #askedAt = 0;
  #answeredAt = 0;

  /** An answer may take `timeoutMs`, to its last byte. */
  constructor(address: string, timeoutMs = KEYS_TIMEOUT_MS) {
    this.#keys = createRemoteJWKSet(new URL(address), {
      timeoutDuration: timeoutMs,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: Number.POSITIVE_INFINITY,
      [customFetch]: fetchBounded,
    });
  }

  refresh(nowMs: number): void | Promise<void> {
    this.#now = nowMs;
    if (Math.abs(nowMs - this.#answeredAt) < KEYS_KEPT_MS || !this.#mayAsk()) return;
    const isWaitedFor = this.#text === "" || Math.abs(nowMs - this.#askedAt) >= KEYS_KEPT_MS;
    const asked = this.#ask();
    if (isWaitedFor) return asked;
  }

  readonly find: JWTVerifyGetKey = async (header, token) => {
    // A login waits for the first answer when it is on its way.
    if (this.#text === "" && this.#keys.reloading) await this.#ask();
    if (this.#text === "") throw this.#fault;
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayAsk()) throw error;
      await this.#ask();
      return await this.#keys(header, token);
    }
  };

  #mayAsk(): boolean {
    const pause = this.#text === "" ? FIRST_COOLDOWN_MS : KEYS_COOLDOWN_MS;
    return Math.abs(this.#now - this.#askedAt) >= pause;
  }

  async #ask(): Promise<void> {
    const now = this.#now;
    this.#askedAt = now;
    try {
      await this.#keys.reload();
      const text = JSON.stringify(this.#keys.jwks());
      if (text !== this.#text) this.version++;
      this.#text = text;
      this.#answeredAt = now;
    } catch (error) {
      this.#fault = error;
    }
  }
}

/** The answer, read to its end. Throws when that is too far. */
async function fetchBounded(address: string, options: RequestInit): Promise<Response> {
  await findHost(address, options.signal);
  const { status, body } = await fetch(address, options);
  const whole = await gathered(body, (bytes) => {
    if (bytes > KEYS_BYTES_MAX) throw new Error(`the answer has more than ${KEYS_BYTES_MAX} bytes`);
  });
  return new Response(whole, { status });
}

function readKeys(path: string) {
  try {
    // Before it is read: a change in between shows at the next look.
    const changedAt = statSync(path).mtimeMs;
    const keys = createLocalJWKSet(JSON.parse(readFileSync(path, "utf8")) as JSONWebKeySet);
    return { keys, changedAt };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`gateway.auth.jwt_keys: ${path} is no JSON Web Key Set: ${reason}`, {
      cause: error,
    });
  }
}
