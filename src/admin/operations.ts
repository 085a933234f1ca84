/**
 * What an operator can do to a running exchange. Everything that changes state goes through the control
 * port: the same ring, journal and core as orders. Methods throw `HttpError` for what the operator can
 * correct, and let `UnavailableError` of the port pass.
 */
import {
  AccountFlag,
  CancelCause,
  CommandKind,
  orderGeneration,
  orderSlot,
  SymbolState,
} from "../core/command.ts";
import { HttpError, invalidField, noSuch } from "../gateway/http/responses.ts";
import { issueCredentials } from "../identity/api-key.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import { DEFAULT_PERMISSIONS, type User, userId, userNumber } from "../identity/user.ts";
import { submitted } from "../people/core-reject.ts";
import { applyDeposit, depositParts } from "../people/deposits.ts";
import { NewUsers } from "../people/new-users.ts";
import { takenAway } from "../people/taken-away.ts";
import { UserKeys } from "../people/user-keys.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { clipped } from "../protocol/issue.ts";
import { accountName, accountNumber, orderNumberOf, symbolName } from "../protocol/names.ts";
import type { LimitsBody } from "../protocol/schemas/account-admin.ts";
import type { AccountReply } from "../protocol/schemas/admin.ts";
import type {
  AccountSettings,
  CancelAllReply,
  OwnedOrder,
  PasswordReset,
  SetBandsBody,
  SetBandsReply,
  SetStatesBody,
  SetStatesReply,
  StateReply,
  SymbolChanged,
  SymbolRulesReply,
} from "../protocol/schemas/admin-replies.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import type {
  AccountBody,
  ChangeKeyBody,
  CreateKeyBody,
  CreateKeyReply,
  CreateUserBody,
  CreateUserReply,
  DepositBody,
  DepositReply,
  FirstDeposit,
  ListedKey,
  ListedUser,
  OpenAccountReply,
  UserRateLimits,
} from "../protocol/schemas/users.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { ControlCommand, ControlPort, ControlReply } from "../router/control.ts";
import { type NoNewPassword, newPassword } from "./new-password.ts";
import { OperatorControl } from "./operator-control.ts";
import { existingSymbol, setSymbolBands, setSymbolStates } from "./symbol-operations.ts";
import type { AdminView, StateParts } from "./view.ts";

/** The symbol of a cancel that names none; 0 would be SYMBOL_0. */
const ANY_SYMBOL = -1;

type AccountQuery = "orders.open" | "orders.history" | "account.trades";

export class AdminOperations {
  readonly #control: ControlPort;
  readonly #identity: IdentityStore;
  readonly #view: AdminView;
  readonly #bandWindowMs: number;
  readonly #newUsers: NewUsers;
  readonly #keys: UserKeys;

  /** `bandWindowMs`: the configured window of price bands, in milliseconds. */
  constructor(
    control: ControlPort,
    identity: IdentityStore,
    view: AdminView,
    bandWindowMs: number,
    newUsers = new NewUsers(control, identity, view),
  ) {
    this.#bandWindowMs = bandWindowMs;
    this.#control = control;
    this.#identity = identity;
    this.#view = view;
    this.#newUsers = newUsers;
    this.#keys = new UserKeys(control, identity);
  }

  /**
   * The same operations in the name of the operator whose token is called `name`. The journal has the name with
   * each command.
   */
  by(name: string): AdminOperations {
    const control = new OperatorControl(this.#control, name);
    const parts = [this.#identity, this.#view, this.#bandWindowMs, this.#newUsers] as const;
    return new AdminOperations(control, ...parts);
  }

  /** The number of an account; throws 404 when there is no such account. */
  accountOf(id: string): number {
    const account = accountNumber(id);
    if (account < 0 || !this.#view.accountExists(account)) {
      throw noSuch("id", `There is no account ${id}`);
    }
    return account;
  }

  /** Puts a note into the journal. */
  async note(text: string): Promise<void> {
    await this.#submit({ kind: CommandKind.NOTE, text }, "note");
  }

  /** Creates a user with a filled account (`NewUsers`), and his first key. */
  async createUser(body: CreateUserBody): Promise<CreateUserReply> {
    const { name, permissions = DEFAULT_PERMISSIONS, rate_limits: rateLimits = {} } = body;
    const credentials = issueCredentials();
    const note = (id: string): string => `key.create ${id} ${credentials.api_key}`;
    const person = { name, permissions, rateLimits, deposit: body, note };
    const user = await this.#newUsers.create(person, this.#control);
    await this.#identity.createKey(user.number, { credentials });
    const [account] = user.accounts;
    return {
      user_id: userId(user.number),
      account_id: accountName(account as number),
      ...credentials,
    };
  }

  /** Opens another account of a user, with a first deposit. */
  async openAccount(id: string, deposit: FirstDeposit): Promise<OpenAccountReply> {
    const { number } = this.#existingUser(id);
    const account = await this.#newUsers.openAccount(number, deposit, this.#control);
    return { user_id: id, account_id: accountName(account) };
  }

  users(): Iterable<ListedUser> {
    return this.#identity
      .users()
      .values()
      .map((user) => this.#listedUser(user));
  }

  /** All keys of a user, also those that have ended, without their secrets. */
  keys(id: string): { keys: ListedKey[] } {
    return { keys: this.#keys.of(this.#existingUser(id)) };
  }

  /**
   * Disables a user, or enables him again, and then puts that on record. Nobody can log in as a disabled user,
   * and his sessions and connections end at once. Calling it again is harmless. Rejects with `UntilRestart`.
   */
  async setDisabled(id: string, isDisabled: boolean): Promise<ListedUser> {
    const { number } = this.#existingUser(id);
    const changing = this.#identity.setDisabled(number, isDisabled);
    const text = `user.${isDisabled ? "disable" : "enable"} ${id}`;
    const user = await takenAway(changing, text, (each) => this.note(each));
    if (user === null) throw new Error(`no user ${id}`);
    return this.#listedUser(user);
  }

  /** Replaces a user's own rate limits, at once for all of his connections, and puts that on record. */
  async setRateLimits(id: string, limits: UserRateLimits): Promise<ListedUser> {
    const { number } = this.#existingUser(id);
    const user = await this.#identity.setRateLimits(number, limits);
    if (user === null) throw new Error(`no user ${id}`);
    const { orders_per_second: orders, market_data_per_second: data, burst_limit: burst } = limits;
    await this.note(`user.limits ${id} ${orders ?? "-"} ${data ?? "-"} ${burst ?? "-"}`);
    return this.#listedUser(user);
  }

  /**
   * Gives a user who has forgotten his password a new one, which is shown this once, and puts that on record.
   * All of his sessions end. Throws `HttpError`: 409 for a user who has no password, and when somebody else
   * changed it at the same time; 50300 when too many others wait. Rejects with `UntilRestart`; the new password
   * is then not shown.
   */
  async resetPassword(id: string): Promise<PasswordReset> {
    const { number, name } = this.#existingUser(id);
    const making = newPassword(this.#identity, number).then((made) => {
      if (!("refused" in made)) return made.password;
      throw invalidField("id", NO_NEW_PASSWORD[made.refused](id), { status: 409 });
    });
    const text = `user.password_reset ${id}`;
    const password = (await takenAway(making, text, (each) => this.note(each))) as string;
    return { user_id: id, name, password };
  }

  /** Sets when a key ends, and then puts that on record. Rejects with `UntilRestart`. */
  async changeKey(apiKey: string, { expires_at }: ChangeKeyBody): Promise<ListedKey> {
    const key = await this.#keys.expire(apiKey, expires_at);
    if (key === null) throw noKey(apiKey);
    return key;
  }

  /** Makes one more key for a user. It may have fewer permissions than the user, not more. */
  createKey(id: string, body: CreateKeyBody): Promise<CreateKeyReply> {
    return this.#keys.create(this.#existingUser(id), body);
  }

  /**
   * Ends a key at once, and then puts that on record, so that a key in wrong hands ends even while the exchange
   * takes no commands. Calling it again is harmless. Rejects with `UntilRestart`.
   */
  async revokeKey(apiKey: string): Promise<ListedKey> {
    const key = await this.#keys.revoke(apiKey);
    if (key === null) throw noKey(apiKey);
    return key;
  }

  /** Deposits amounts, or withdraws those that are negative: all of them or none. */
  async deposit(id: string, body: DepositBody): Promise<DepositReply> {
    const account = this.accountOf(id);
    const parts = depositParts(this.#view, account, body);
    if (parts.length === 0) {
      throw invalidField("cash", "Give cash or positions, other than 0");
    }
    const totals: DepositReply = { account_id: id };
    for (const [{ command }, total] of await applyDeposit(this.#control, parts)) {
      if (command.symbol === undefined) {
        totals.cash = total;
      } else {
        totals.positions ??= {};
        totals.positions[symbolName(command.symbol)] = total;
      }
    }
    return totals;
  }

  /** Sets whether an account may sell short, and its fees; without `fees` it pays what everybody pays. */
  async setAccount(id: string, body: AccountBody): Promise<{ account_id: string; tick: number }> {
    const account = this.accountOf(id);
    const flags =
      (body.may_short ? AccountFlag.MAY_SHORT : 0) | (body.fees ? AccountFlag.OWN_FEES : 0);
    const { maker_bps = 0, taker_bps = 0 } = body.fees ?? {};
    const kind = CommandKind.SET_ACCOUNT;
    const command = { kind, account, flags, price: maker_bps, quantity: taker_bps };
    return { account_id: id, tick: (await this.#submit(command, "id")).tick };
  }

  /** Replaces an account's own limits in the tables that all accounts share; 0 = the limit of everybody. */
  async setLimits(id: string, body: LimitsBody): Promise<{ account_id: string; tick: number }> {
    const command = {
      kind: CommandKind.SET_SHARES,
      account: this.accountOf(id),
      quantity: body.open_orders ?? 0,
      price: body.ladder_pages ?? 0,
      stopPrice: body.positions ?? 0,
      amount: body.client_order_ids ?? 0,
    };
    return { account_id: id, tick: (await this.#submit(command, "id")).tick };
  }

  async setSymbolState(name: string, state: SymbolChanged["state"]): Promise<SymbolChanged> {
    const symbol = existingSymbol(this.#view, name);
    const kind = CommandKind.SET_SYMBOL_STATE;
    const reply = await this.#submit({ kind, symbol, quantity: SymbolState[state] }, "symbol");
    return { symbol: symbolName(symbol), state, tick: reply.tick };
  }

  /** Cancels anybody's order. The command names account 0, the operator's, which may do that. */
  async cancelOrder(id: string): Promise<OrderStateResult> {
    const number = orderNumberOf(id);
    const slot = number < 0 ? 0 : orderSlot(number);
    // Slot 0 has no order. The core would take it for a cancel by client order id.
    if (slot <= 0) throw unknownOrder(id);
    const { code, order } = await this.#control.submit({
      kind: CommandKind.CANCEL,
      account: 0,
      symbol: ANY_SYMBOL,
      orderSlot: slot,
      orderGeneration: orderGeneration(number),
    });
    if (order !== null) return order;
    if (code !== ErrorCode.UNKNOWN_ORDER) throw new Error(`cancelling ${id} ended with ${code}`);
    throw unknownOrder(id, (await this.#view.order(number))?.order.status);
  }

  /** Sets the trading state of the symbols that the body names or selects. */
  setSymbolStates(body: SetStatesBody): Promise<SetStatesReply> {
    return setSymbolStates(this.#control, this.#view, body);
  }

  /** Sets the price bands of the symbols that the body names or selects. */
  setSymbolBands(body: SetBandsBody): Promise<SetBandsReply> {
    return setSymbolBands(this.#control, this.#view, this.#bandWindowMs, body);
  }

  /** A symbol with its player and its rules. */
  async symbol(name: string): Promise<SymbolRulesReply> {
    const symbol = existingSymbol(this.#view, name);
    const listed = await this.#view.ask("symbols.get", { symbol: name });
    const rules = this.#view.symbolRules(symbol);
    return {
      ...listed,
      max_order_quantity: rules.orderQuantityMax,
      price_band_bps: rules.priceBandBps,
      price_band_window_ms: rules.priceBandWindowMs,
      shares_total: this.#view.sharesTotal(symbol),
    };
  }

  /** Cancels all open orders of an account, or those on one symbol. */
  async cancelAll(id: string, name: string | undefined): Promise<CancelAllReply> {
    const account = this.accountOf(id);
    const symbol = name === undefined ? ANY_SYMBOL : existingSymbol(this.#view, name);
    const command = {
      kind: CommandKind.CANCEL_ALL,
      account,
      symbol,
      flags: CancelCause.OPERATOR,
    };
    const { count, tick } = await this.#submit(command, "id");
    return { account_id: id, cancelled: count, tick };
  }

  /** Anybody's order, with its account and user. */
  async order(id: string): Promise<OwnedOrder> {
    const number = orderNumberOf(id);
    const found = number < 0 ? null : await this.#view.order(number);
    if (found === null) throw unknownOrder(id);
    const { account, order } = found;
    return { ...order, account_id: accountName(account), ...this.#ownerOf(account) };
  }

  /** Answers a query as the account's user would get it. */
  async accountQuery<M extends AccountQuery>(
    method: M,
    id: string,
    params: Params<M>,
  ): Promise<Result<M>> {
    return this.#view.ask(method, params, this.accountOf(id));
  }

  /** Answers a query of the market as the public API does. */
  market: AdminView["ask"] = (method, params) => this.#view.ask(method, params);

  /** An account: its user, cash, positions, settings and newest open orders. */
  async account(id: string): Promise<AccountReply> {
    const account = this.accountOf(id);
    const [{ cash }, { positions }, { orders, seq }] = await Promise.all([
      this.#view.ask("account.balances", {}, account),
      this.#view.ask("account.positions", {}, account),
      this.#view.ask("orders.open", {}, account),
    ]);
    return {
      account_id: id,
      ...this.#ownerOf(account),
      ...{ cash, positions, orders, seq },
      settings: this.#settingsOf(account),
    };
  }

  state(parts?: StateParts): Promise<StateReply> {
    return this.#view.state(parts);
  }

  /** Submits a command; `field` is the part of the request that a refusal is about. */
  #submit(command: ControlCommand, field: string): Promise<ControlReply> {
    return submitted(this.#control, command, field);
  }

  #settingsOf(account: number): AccountSettings {
    const { mayShort, hasOwnFees, shares } = this.#view.settingsOf(account);
    const { makerBps, takerBps } = this.#view.feesOf(account);
    return {
      may_short: mayShort,
      own_fees: hasOwnFees,
      maker_bps: makerBps,
      taker_bps: takerBps,
      limits: {
        open_orders: shares.openOrders,
        ladder_pages: shares.ladderPages,
        positions: shares.positions,
        client_order_ids: shares.clientOrderIds,
      },
    };
  }

  #ownerOf(account: number): { user_id: string | null; name: string | null } {
    const owner = this.#identity.userOfAccount(account);
    if (owner === null) return { user_id: null, name: null };
    return { user_id: userId(owner.number), name: owner.name };
  }

  #listedUser(user: User): ListedUser {
    return {
      user_id: userId(user.number),
      name: user.name,
      account_ids: user.accounts.map(accountName),
      permissions: [...user.permissions],
      rate_limits: user.rateLimits,
      created_at: user.createdAt,
      disabled_at: user.disabledAt,
      keys: this.#keys.of(user),
    };
  }

  #existingUser(id: string): User {
    const user = this.#identity.user(userNumber(id));
    if (user === undefined) {
      throw noSuch("id", `There is no user ${id}`);
    }
    return user;
  }
}

const NO_NEW_PASSWORD: Readonly<Record<NoNewPassword, (id: string) => string>> = {
  "has none": (id) => `${id} logs in with keys, and has no password`,
  "changed meanwhile": (id) =>
    `The password of ${id} was changed by somebody else at the same moment. Ask again if it is to be another one`,
};

/** The error for an order that is not open. `status`: how the order ended, if it is known. */
function unknownOrder(id: string, status?: OrderStateResult["status"]): HttpError {
  const details =
    status === undefined
      ? { field: "id", issue: `There is no order ${clipped(id)}, or no longer` }
      : { field: "id", issue: `The order ${id} is done`, status };
  return new HttpError(errorBody(ErrorCode.UNKNOWN_ORDER, details));
}

function noKey(apiKey: string): HttpError {
  return noSuch("key", `There is no key ${clipped(apiKey)}`);
}
