/** Logs a line in, by whichever of its ways the client uses. */
import type { Clock } from "./clock.ts";
import { ExchangeError } from "./errors.ts";
import {
  type AuthLoginParams,
  type AuthLoginResult,
  type Endpoint,
  ErrorCode,
} from "./messages.ts";
import type { Auth, TradingOptions } from "./options.ts";
import type { RpcSocket } from "./rpc-socket.ts";
import { readSession, type SessionInfo, sessionHeaders } from "./sessions.ts";
import { LoginSigner } from "./sign-login.ts";

/** The answer to a login. For a session it has no `rate_limits`. */
export type LoginInfo = Omit<AuthLoginResult, "authenticated" | "rate_limits" | "permissions"> &
  Partial<Pick<AuthLoginResult, "rate_limits">> & { readonly permissions: readonly string[] };

export class Login {
  /** Headers for the upgrade of a WebSocket. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The query of the upgrade: with a cookie it says which account is meant, because browsers set no headers there. */
  readonly query: string;
  readonly #auth: Auth;
  readonly #url: string;
  readonly #accountId: string | undefined;
  readonly #cancelOnDisconnect: boolean | undefined;
  readonly #signer: LoginSigner | undefined;

  constructor({ url, auth, accountId, cancelOnDisconnect }: TradingOptions, clock: Clock) {
    this.#auth = auth;
    this.#url = url;
    this.#accountId = accountId;
    this.#cancelOnDisconnect = cancelOnDisconnect;
    this.headers = "token" in auth ? sessionHeaders(auth.token, accountId) : undefined;
    this.query =
      "cookie" in auth && accountId !== undefined
        ? `?account_id=${encodeURIComponent(accountId)}`
        : "";
    if ("apiKey" in auth && auth.loginWith !== "secret") {
      this.#signer = new LoginSigner(auth.apiKey, auth.apiSecret, clock);
    }
  }

  /** Logs in; rejects with `ExchangeError` when it is refused. */
  async logIn(socket: RpcSocket, endpoint: Endpoint, timeoutMs: number): Promise<LoginInfo> {
    const auth = this.#auth;
    if (!("apiKey" in auth)) return await this.#readSession(timeoutMs);
    // Only the end of the line for orders cancels the account's orders.
    const ends = endpoint === "orders" ? this.#cancelOnDisconnect : undefined;
    const more = {
      ...(this.#accountId !== undefined && { account_id: this.#accountId }),
      ...(ends !== undefined && { cancel_on_disconnect: ends }),
    };
    const ask = (proof: AuthLoginParams): Promise<LoginInfo> =>
      socket.request("auth.login", { ...proof, ...more }, timeoutMs);
    const signer = this.#signer;
    if (signer === undefined) return ask({ api_key: auth.apiKey, api_secret: auth.apiSecret });
    try {
      return await ask(await signer.sign());
    } catch (error) {
      if (!signer.learnFrom(error)) throw error;
      return await ask(await signer.sign());
    }
  }

  /** Rejects with `ExchangeError` when the client logs in with a session and the session is over. */
  async checkSession(timeoutMs: number): Promise<void> {
    if (!("apiKey" in this.#auth)) await this.#readSession(timeoutMs);
  }

  async #readSession(timeoutMs: number): Promise<SessionInfo> {
    const token = "token" in this.#auth ? this.#auth.token : undefined;
    const session = await readSession(this.#url, token, timeoutMs, this.#accountId);
    if (session !== null) return session;
    throw new ExchangeError({
      code: ErrorCode.NOT_LOGGED_IN,
      message: "There is no session, or it is over",
    });
  }
}
