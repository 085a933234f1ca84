/** Sign-up, passwords, own keys and the demo's logins together, as the routes use them. */
import type { Config } from "../config/config.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { Clocks } from "../lib/clocks.ts";
import type { ControlPort } from "../router/control.ts";
import type { PasswordLogins } from "../trading/password-logins.ts";
import { DemoLogins } from "./demo-logins.ts";
import type { SymbolsView } from "./deposits.ts";
import type { NewUsers } from "./new-users.ts";
import { OwnKeys } from "./own-keys.ts";
import { Passwords } from "./passwords.ts";
import { SignUps } from "./sign-ups.ts";
import { UserKeys } from "./user-keys.ts";

export interface PeopleParts extends Clocks {
  control: ControlPort;
  identity: IdentityStore;
  newUsers: NewUsers;
  view: SymbolsView;
  passwordLogins: PasswordLogins;
}

export class People {
  readonly signUps: SignUps;
  readonly passwords: Passwords;
  readonly ownKeys: OwnKeys;
  readonly demoLogins: DemoLogins;
  /** The market's rules, as `GET /api/v1/exchange` shows them. */
  readonly terms;

  /** Throws when `signUp` gives new users shares of a symbol that is not listed. */
  constructor(
    parts: PeopleParts,
    { signUp, market }: { signUp: Config["auth"]["signUp"]; market: Config["market"] },
  ) {
    const { isOpen, usersMax, cash, shares } = signUp;
    const missing = Object.keys(shares).find((name) => parts.view.symbolNumber(name) === -1);
    if (missing !== undefined) {
      throw new Error(`gateway.auth.sign_up_shares: there is no symbol ${missing}`);
    }
    this.signUps = new SignUps(parts, { isOpen, usersMax, deposit: { cash, positions: shares } });
    this.passwords = new Passwords(parts);
    this.ownKeys = new OwnKeys({ ...parts, keys: new UserKeys(parts.control, parts.identity) });
    this.demoLogins = new DemoLogins(parts.identity);
    this.terms = {
      price_increment: market.priceIncrement,
      price_band_percent: market.priceBandBps / 100,
      max_order_quantity: market.orderQuantityMax,
      maker_fee_bps: market.makerFeeBps,
      taker_fee_bps: market.takerFeeBps,
    };
  }

  /** Opens logins to the demo's accounts (numbers by name) from this machine, and gives each new user these shares. */
  openDemo(accounts: ReadonlyMap<string, number>, shares: Readonly<Record<string, number>>): void {
    this.demoLogins.open(accounts);
    this.signUps.giveShares(shares);
  }
}
