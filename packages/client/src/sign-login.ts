/**
 * The params of a login that does not send the secret: HMAC-SHA256 over key and time. Needs WebCrypto, which
 * browsers have on pages from `https://` and from the same machine.
 */
import type { Clock } from "./clock.ts";
import { ExchangeError } from "./errors.ts";
import type { AuthLoginParams } from "./messages.ts";
import { wait } from "./wait.ts";

/** How far a timestamp may be ahead. The exchange takes timestamps within 5 s of its clock. */
const AHEAD_MS_MAX = 4000;

/**
 * The last timestamp that was signed in this program, by key. The exchange takes no timestamp of a key twice.
 */
const signed = new Map<string, number>();

export class LoginSigner {
  readonly #apiKey: string;
  readonly #apiSecret: string;
  readonly #clock: Clock;

  constructor(apiKey: string, apiSecret: string, clock: Clock) {
    this.#apiKey = apiKey;
    this.#apiSecret = apiSecret;
    this.#clock = clock;
  }

  /** Signs a timestamp that this program has not signed before: the exchange's time, as far as it is known. */
  async sign(): Promise<AuthLoginParams> {
    const timestamp = await this.#takeTimestamp();
    const text = new TextEncoder();
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const secret = text.encode(this.#apiSecret);
    const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
    const message = text.encode(`auth.login\n${this.#apiKey}\n${timestamp}`);
    const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
    const signature = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return { api_key: this.#apiKey, timestamp, signature };
  }

  /**
   * Whether another signature may succeed after this refusal, because the clock was wrong or another program
   * used the timestamp.
   */
  learnFrom(error: unknown): boolean {
    if (!(error instanceof ExchangeError)) return false;
    const { field, server_time: serverTime } = error.details;
    if (field === "timestamp" && typeof serverTime === "number") {
      this.#clock.set(serverTime);
      return true;
    }
    return field === "signature";
  }

  async #takeTimestamp(): Promise<number> {
    const now = this.#clock.now();
    const last = signed.get(this.#apiKey) ?? 0;
    // If the last timestamp was far ahead, the clock was set back since: begin again from now.
    const timestamp = last - now > 2 * AHEAD_MS_MAX ? now : Math.max(now, last + 1);
    signed.set(this.#apiKey, timestamp);
    const ahead = timestamp - now - AHEAD_MS_MAX;
    if (ahead > 0) await wait(ahead);
    return timestamp;
  }
}
