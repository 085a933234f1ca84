/** The door to the exchange: whatever the page asks and hears goes through here. */
import type { PushData, Result } from "../../protocol/schemas.ts";
import { Line } from "./thin-client.ts";

export type SymbolInfo = Result<"symbols.list">["symbols"][number];
export type SymbolState = SymbolInfo["state"];
export type Ticker = PushData<"ticker">;
export type Trade = Result<"trades.recent">["trades"][number];
export type Candle = Result<"candles.list">["candles"][number];
export type CandleInterval = Result<"candles.list">["interval"];
/** Price in cents and shares. */
export type Level = readonly [number, number];

export const marketLine = new Line("market-data");
marketLine.subscribe({ channels: ["heartbeat"] });
