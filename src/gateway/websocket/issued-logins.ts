/**
 * Ends connections that were opened with another issuer's token when the key that signed it is withdrawn. The issuer tells
 * nobody about that, so its keys are read once a second while there are such connections.
 */

import { CloseCode } from "../../protocol/close-codes.ts";
import type { Login } from "../../trading/login.ts";
import type { TokenLogins } from "../../trading/token-logins.ts";
import { SWEEP_INTERVAL_MS } from "./connection-sweep.ts";
import type { Session } from "./session.ts";

const LOOK_SWEEPS = 1000 / SWEEP_INTERVAL_MS;

export class IssuedLogins {
  readonly #tokenLogins: Pick<TokenLogins, "issuerKeys" | "renewed">;
  #sweeps = 0;
  #isLooking = false;

  constructor(tokenLogins: Pick<TokenLogins, "issuerKeys" | "renewed">) {
    this.#tokenLogins = tokenLogins;
  }

  /** Call it with every sweep. While the issuer is slow to answer, it is not asked again. */
  sweep(sessions: ReadonlySet<Session>): void {
    if (++this.#sweeps % LOOK_SWEEPS !== 0 || this.#isLooking) return;
    const issued = [...sessions].filter(({ login }) => (login?.issued ?? null) !== null);
    if (issued.length === 0) return;
    this.#isLooking = true;
    void this.#look(issued);
  }

  async #look(sessions: readonly Session[]): Promise<void> {
    const keys = await this.#tokenLogins.issuerKeys();
    for (const session of sessions) {
      const { login } = session;
      if (login?.issued?.keysVersion !== keys) await this.#renew(session, login);
    }
    this.#isLooking = false;
  }

  async #renew(session: Session, login: Login | null): Promise<void> {
    if (login === null) return;
    const renewed = await this.#tokenLogins.renewed(login);
    // The client may have logged in with something else meanwhile.
    if (session.login !== login) return;
    if (renewed === null) session.close(CloseCode.KEY_REVOKED, "token no longer valid");
    else session.login = renewed;
  }
}
