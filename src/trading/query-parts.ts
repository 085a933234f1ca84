/** What queries read. */
import type { CoreView } from "../core/view.ts";
import type { WallClock } from "../lib/clocks.ts";
import type { MarketDataBroadcaster } from "../market-data/broadcaster.ts";
import type { PlayerRegistry } from "../players/registry.ts";
import type { AccountStreams } from "../records/account-streams.ts";
import type { Candles } from "../records/candles.ts";
import type { Equity } from "../records/equity.ts";
import type { Fills } from "../records/fills.ts";
import type { LevelChanges } from "../records/level-changes.ts";
import type { OrderHistory } from "../records/order-history.ts";
import type { RecentTrades } from "../records/recent-trades.ts";
import type { SymbolNames } from "./symbol-names.ts";

export interface QueryParts extends WallClock {
  view: CoreView;
  history: OrderHistory;
  fills: Fills;
  equity: Equity;
  streams: AccountStreams;
  players: PlayerRegistry;
  symbols: SymbolNames;
  trades: RecentTrades;
  candles: Candles;
  levelChanges: LevelChanges;
  market: Pick<MarketDataBroadcaster, "ticker">;
}
