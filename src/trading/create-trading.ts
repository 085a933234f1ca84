/** Makes the parts of trading, which serve WebSockets, REST and operators alike. */
import type { CoreView } from "../core/view.ts";
import type { TickLoop } from "../execution/tick-loop.ts";
import type { TickWatch } from "../execution/tick-watch.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { IssuerTokens } from "../identity/issuer-tokens.ts";
import type { UsedSignatures } from "../identity/used-signatures.ts";
import type { RateLimits } from "../identity/user.ts";
import type { WallClock } from "../lib/clocks.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import type { Log } from "../lib/log.ts";
import type { MarketDataBroadcaster } from "../market-data/broadcaster.ts";
import type { PlayerRegistry } from "../players/registry.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { AccountStreams } from "../records/account-streams.ts";
import type { Candles } from "../records/candles.ts";
import type { Equity } from "../records/equity.ts";
import type { Fills } from "../records/fills.ts";
import type { LevelChanges } from "../records/level-changes.ts";
import type { OrderHistory } from "../records/order-history.ts";
import type { RecentTrades } from "../records/recent-trades.ts";
import type { ControlPort } from "../router/control.ts";
import type { InboundRing } from "../router/inbound-ring.ts";
import type { ArmedCancels } from "./armed-cancels.ts";
import { AutomaticCancels } from "./automatic-cancels.ts";
import { Callers, type LoggedIn } from "./caller.ts";
import { DeadMansSwitches } from "./dead-mans-switches.ts";
import { DurableReads } from "./durable-reads.ts";
import { FailedLogins } from "./failed-logins.ts";
import { LoginLines } from "./login-lines.ts";
import { Logins } from "./logins.ts";
import { MaintenanceGate } from "./maintenance-gate.ts";
import { OrderEntry } from "./order-entry.ts";
import { OrderOutcomes } from "./order-outcomes.ts";
import { readByNumber } from "./order-queries.ts";
import { PasswordLogins } from "./password-logins.ts";
import { Queries } from "./queries.ts";
import { Service } from "./service.ts";
import { SymbolNames } from "./symbol-names.ts";
import { TokenLogins } from "./token-logins.ts";
import { UserLimitsTable } from "./user-limits.ts";

export interface TradingParts extends WallClock {
  view: CoreView;
  history: OrderHistory;
  fills: Fills;
  equity: Equity;
  streams: AccountStreams;
  trades: RecentTrades;
  candles: Candles;
  levelChanges: LevelChanges;
  market: Pick<MarketDataBroadcaster, "ticker">;
  ring: InboundRing;
  loop: TickLoop;
  tickWatch: Pick<TickWatch, "isLate">;
  control: ControlPort;
  lifecycle: Lifecycle;
  players: PlayerRegistry;
  identity: IdentityStore;
  signatures: UsedSignatures;
  /** Another issuer whose tokens are accepted; null: none. */
  issuer: IssuerTokens | null;
  /** How long a session lasts, milliseconds. */
  sessionLifetimeMs: number;
  /** The cancels that the next start does if this process ends without them. */
  armedCancels: ArmedCancels;
  /** For users without limits of their own. */
  rateLimits: RateLimits;
  /** Whether everybody may read market data, without a login or permission. */
  anonymousMarketData: boolean;
  log: Log;
  /** Milliseconds by a clock that is never set back. It may stand still within a turn of the event loop. */
  monotonic(): number;
  /** The same clock, but it never stands still: for measuring how long something takes. */
  stopwatch(): number;
  /** The order at index `place` of a batch was refused before it became a command. */
  onRefusedInBatch(account: number, place: number, error: ErrorBody): void;
  /** Called with an unexpected error; clients are told only that it was internal. */
  onBug(error: unknown): void;
}

export type Trading = ReturnType<typeof createTrading>;

export function createTrading(parts: TradingParts) {
  const { view, history, control, lifecycle, players, anonymousMarketData, log } = parts;
  const { monotonic, identity } = parts;
  const limits = new UserLimitsTable(parts.rateLimits);
  identity.onUserChanged((user) => limits.changed(user, monotonic()));
  const callers = new Callers({ limits, anonymousMarketData, monotonic });
  const failures = new FailedLogins();
  const lines = new LoginLines(log, monotonic);
  const symbols = new SymbolNames(view, players);
  const reads = new DurableReads(parts);
  const cancels = new AutomaticCancels(control, parts.armedCancels, log);
  const maintenance = new MaintenanceGate(parts.now);
  const knowsOrder = (caller: LoggedIn, order: number) => readByNumber(parts, caller, order);
  const entry = new OrderEntry({ ...parts, symbols, maintenance, knowsOrder });
  const outcomes = new OrderOutcomes(view, history);
  const switches = new DeadMansSwitches(cancels, lifecycle);
  const queries = new Queries({ ...parts, symbols }, reads, callers.anonymous("operator"));
  return {
    callers,
    logins: new Logins({ ...parts, callers, failures, lines }),
    passwordLogins: new PasswordLogins({ ...parts, callers }),
    tokenLogins: new TokenLogins({ ...parts, callers, failures }),
    symbols,
    maintenance,
    entry,
    outcomes,
    reads,
    queries,
    cancels,
    switches,
    service: new Service({ entry, outcomes, queries, onRefused: parts.onRefusedInBatch }),
  };
}
