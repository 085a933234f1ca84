/** The third stage: who trades, what is traded, and by which rules. */
import { CommandKind } from "../core/command.ts";
import type { CoreView } from "../core/view.ts";
import { applyMarketRules } from "../execution/market-rules.ts";
import { IDENTITY_FILE, type IdentityStore } from "../identity/identity-store.ts";
import type { Log } from "../lib/log.ts";
import { PlayerService } from "../players/service.ts";
import { accountName, symbolName } from "../protocol/names.ts";
import type { ControlPort } from "../router/control.ts";
import type { Common } from "./common.ts";
import type { Engine } from "./engine.ts";
import type { State } from "./state.ts";

/** A warning names so many accounts or symbols at most. */
const NAMED_MAX = 20;

export interface ListedPlayer {
  readonly symbol: number;
  readonly playerId: string;
  readonly position: string | null;
  /** Cents. */
  readonly increment: number;
}

export type Market = Awaited<ReturnType<typeof openMarket>>;

/**
 * Checks that users and journal belong together, and brings rules and listings in line with the configuration. Rejects
 * with the reason when it cannot.
 */
export async function openMarket(
  { config, log, health }: Common,
  { view, identity, backend }: State,
  { control }: Engine,
) {
  const { durability, walDir } = config.persistence;
  // A new journal has a new id, which says nothing: the journal before it may have been lost.
  if (view.tick() > 0) assertNotForeign(identity, backend.exchangeId(), walDir);
  if (durability === "fsync") assertSameExchange(identity, view, walDir);
  else await reopenLostAccounts(identity, view, control, log);
  await identity.belongTo(backend.exchangeId());
  warnOfOwnerless(identity, view, log);
  await applyMarketRules(control, view, config.market);
  const players = new PlayerService({
    config: config.players,
    dataDir: config.dataDir,
    priceIncrement: config.market.priceIncrement,
    port: control,
    stateOf: view.symbolState,
    isTimed: view.isTimed,
    listed: view.listedSymbols().map((symbol) => ({ symbol, playerId: view.symbolText(symbol) })),
    log,
  });
  await players.start();
  warnOfOtherIncrements(view, config.market.priceIncrement, log);
  warnOfEmptyBands(view, log);
  health.add("players", () => players.health());
  return {
    players,
    symbols: () => view.listedSymbols().map(symbolName),
    listed: (): ListedPlayer[] =>
      view.listedSymbols().map((symbol) => ({
        symbol,
        playerId: view.symbolText(symbol),
        position: players.registry.get(symbol)?.position || null,
        increment: view.priceIncrement(symbol),
      })),
    async [Symbol.asyncDispose]() {
      await players.close();
    },
  };
}

/** Every exchange has a usr_1 with acc_1. With users of another exchange, his key would reach somebody else's money. */
function assertNotForeign(identity: IdentityStore, exchange: string, walDir: string): void {
  if (!identity.isForeignTo(exchange)) return;
  throw new Error(
    `${IDENTITY_FILE} has users of another exchange, not of ${exchange}, whose journal is in ${walDir}: put back the ` +
      "one that belongs to this journal, from a backup or an archive, or the journal that belongs to it",
  );
}

/**
 * An account is opened in the journal before its user is created. So users whose accounts the journal lacks belong to
 * another journal.
 */
function assertSameExchange(identity: IdentityStore, view: CoreView, walDir: string): void {
  for (const [account, user] of lostAccounts(identity, view)) {
    throw new Error(
      `${walDir}: the journal knows no account ${account}, which usr_${user} of ${IDENTITY_FILE} ` +
        "owns. The journal is missing or another exchange's: put back the one that belongs to this data " +
        "directory, or start on an empty directory. After a restore to an earlier moment, start once with " +
        'persistence.local.durability = "interval": that opens such accounts again, empty',
    );
  }
}

/**
 * Opens accounts again, empty, that a power failure without fsync has taken from the journal, while their users stayed.
 * Accounts are numbered without a gap, so those between them that nobody owns are opened, too.
 */
async function reopenLostAccounts(
  identity: IdentityStore,
  view: CoreView,
  control: ControlPort,
  log: Log,
): Promise<void> {
  const owners = lostAccounts(identity, view);
  const last = Math.max(...owners.keys());
  for (let account = view.nextAccount(); account <= last; account++) {
    const user = owners.get(account) ?? 0;
    log.warn({ account, user }, "account lost with unflushed ticks: opened again, empty");
    await control.submit({ kind: CommandKind.OPEN_ACCOUNT, account, actor: user });
  }
}

/**
 * Warns of money and shares that nobody can reach. A crash leaves them when it comes after an account's first deposit
 * and before its user is created.
 */
function warnOfOwnerless(identity: IdentityStore, view: CoreView, log: Log): void {
  const owned = new Set(identity.users().flatMap(({ accounts }) => accounts));
  const accounts: string[] = [];
  // Account 0 is the operator's.
  for (let account = 1; account < view.nextAccount(); account++) {
    if (owned.has(account)) continue;
    const cash = view.cashAvailable(account) + view.cashReserved(account);
    if (cash !== 0 || view.holdings(account).length > 0) accounts.push(accountName(account));
  }
  if (accounts.length === 0) return;
  log.warn(
    { count: accounts.length, accounts: accounts.slice(0, NAMED_MAX) },
    "accounts hold something and belong to no user",
  );
}

/**
 * Warns of symbols whose price increment is not the configured one. A symbol keeps the increment that it was listed
 * with, because the prices of its open orders must stay valid.
 */
function warnOfOtherIncrements(view: CoreView, configured: number, log: Log): void {
  const count = view
    .listedSymbols()
    .filter((each) => view.priceIncrement(each) !== configured).length;
  if (count === 0) return;
  log.warn(
    { symbols: count, configured },
    "symbols keep the price increment that they were listed with; market.price_increment is for new ones",
  );
}

/**
 * Warns of symbols with a band in which no price is valid: bands have the configured width whatever the reference is.
 */
function warnOfEmptyBands(view: CoreView, log: Log): void {
  const empty = view.listedSymbols().filter((each) => view.bandOf(each)?.hasPrices === false);
  if (empty.length === 0) return;
  log.warn(
    { count: empty.length, symbols: empty.slice(0, NAMED_MAX).map(symbolName) },
    "no order can be placed on symbols whose price band has no multiple of their price increment: give them a reference (waiver symbol bands --reference)",
  );
}

/** Accounts that users own and the journal does not know, with their users. */
function lostAccounts(identity: IdentityStore, view: CoreView): Map<number, number> {
  const owned = identity
    .users()
    .flatMap(({ number, accounts }) => accounts.map((account) => [account, number] as const));
  return new Map(owned.filter(([account]) => !view.isAccount(account)));
}
