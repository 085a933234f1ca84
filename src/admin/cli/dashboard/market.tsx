import { Box, Text } from "ink";
import type { MarketFeed, Trade } from "./market-feed.ts";
import { type Column, Panel, type Row, type Size, Table } from "./parts.tsx";
import type { MarketRow } from "./screen-state.ts";
import { bar, clock, fit, money, NONE, short, signed, whole } from "./words.ts";

const FIGURE = 8;
const CHANGE = 7;
const TAPE_SHARES = 6;
/** The columns. The name gets the width that is left. */
const COLUMNS: readonly Column[] = [
  { head: "ticker", width: 7 },
  { head: "name", width: 0 },
  { head: "state", width: 7 },
  { head: "last", width: FIGURE, side: "right" },
  { head: "change", width: CHANGE, side: "right" },
  { head: "bid", width: FIGURE, side: "right" },
  { head: "ask", width: FIGURE, side: "right" },
  { head: "shares", width: FIGURE, side: "right" },
];
const NARROW = COLUMNS.reduce((sum, { width }) => sum + width + 1, 0);

/** How many rows fit below the heads of the panel and the table. */
export const marketPage = (height: number): number => Math.max(1, height - 2);

const changeColour = (change: number): string | undefined =>
  change > 0 ? "green" : change < 0 ? "red" : undefined;

export function Market(props: { rows: readonly MarketRow[]; chosen: string | null; size: Size }) {
  const { rows, chosen, size } = props;
  const page = marketPage(size.height);
  const at = Math.max(
    0,
    rows.findIndex(({ symbol }) => symbol === chosen),
  );
  const first = Math.min(Math.max(0, at - Math.floor(page / 2)), Math.max(0, rows.length - page));
  const columns = COLUMNS.map((column) =>
    column.head === "name" ? { ...column, width: Math.max(6, size.width - NARROW) } : column,
  );
  return (
    <Panel title={`Most traded in 24 hours, ${whole(rows.length)} symbols`} width={size.width}>
      <Table
        columns={columns}
        rows={rows.slice(first, first + page).map((row) => marketRow(row, row.symbol === chosen))}
        empty="no symbol has that"
      />
    </Panel>
  );
}

const price = (cents: number | null | undefined): string =>
  short(money(cents), (cents ?? 0) / 100, FIGURE);

function marketRow({ symbol, ticker, name, state, ticks }: MarketRow, isChosen: boolean): Row {
  const change = ticks?.change ?? 0;
  const changed = ticks?.last == null ? NONE : short(signed(change), change / 100, CHANGE);
  const cells = [
    ...[ticker, name, state.replaceAll("_", " ").toLowerCase()],
    ...[price(ticks?.last), changed, price(ticks?.bid?.[0]), price(ticks?.ask?.[0])],
    short(whole(ticks?.volume), ticks?.volume, FIGURE),
  ];
  const colours = [undefined, undefined, state === "TRADING" ? undefined : "yellow", undefined];
  return { key: symbol, cells, isChosen, colours: [...colours, changeColour(change)] };
}

export function Book(props: { market: MarketFeed; row: MarketRow | undefined; size: Size }) {
  const { market, row, size } = props;
  const { book, tape } = market;
  if (row === undefined || book === null) {
    return <Text dimColor> no symbol is chosen: / searches, 2 lists them</Text>;
  }
  const tapeWidth = Math.min(44, Math.floor(size.width * 0.42));
  const ladderWidth = size.width - tapeWidth - 1;
  const { ticks } = row;
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        {" "}
        <Text bold>{row.ticker}</Text> {fit(row.name, Math.min(24, Bun.stringWidth(row.name)))}{" "}
        <Text dimColor>
          {row.symbol} {row.team} {row.position}
        </Text>{" "}
        {row.state} last {money(ticks?.last)}{" "}
        <Text {...colourOf(changeColour(ticks?.change ?? 0))}>{signed(ticks?.change ?? 0)}</Text>{" "}
        {whole(ticks?.volume)} shares
      </Text>
      <Box gap={1}>
        <Ladder {...{ book, width: ladderWidth, levels: Math.floor((size.height - 4) / 2) }} />
        <Tape {...{ tape, width: tapeWidth, rows: size.height - 3 }} />
      </Box>
    </Box>
  );
}

const colourOf = (color: string | undefined) => (color === undefined ? {} : { color });

function Ladder(props: { book: NonNullable<MarketFeed["book"]>; width: number; levels: number }) {
  const { book, width, levels } = props;
  const asks = book.asks.slice(0, levels).reverse();
  const bids = book.bids.slice(0, levels);
  const most = Math.max(1, ...[...asks, ...bids].map(([, quantity]) => quantity));
  const depth = Math.max(0, width - 26);
  const line = (side: "ask" | "bid", [price, quantity]: readonly [number, number]) => (
    <Text key={`${side}${price}`} wrap="truncate">
      {" "}
      <Text color={side === "ask" ? "red" : "green"}>
        {side} {money(price).padStart(9)}
      </Text>{" "}
      {whole(quantity).padStart(8)} <Text dimColor>{bar(quantity / most, depth)}</Text>
    </Text>
  );
  const [ask, bid] = [book.asks[0]?.[0], book.bids[0]?.[0]];
  const spread = ask === undefined || bid === undefined ? NONE : money(ask - bid);
  return (
    <Panel title={book.isLive ? "Ladder" : "Ladder (waiting for the exchange)"} width={width}>
      {asks.map((level) => line("ask", level))}
      <Text dimColor wrap="truncate">
        {" "}
        spread {spread}, {whole(book.asks.length)} asks, {whole(book.bids.length)} bids
      </Text>
      {bids.map((level) => line("bid", level))}
    </Panel>
  );
}

function Tape({ tape, width, rows }: { tape: readonly Trade[]; width: number; rows: number }) {
  const shown = tape.slice(0, Math.max(0, rows - 1));
  return (
    <Panel title="Tape" width={width}>
      <Table
        columns={[
          { head: "time", width: 8 },
          { head: "taker", width: 5 },
          { head: "price", width: FIGURE, side: "right" },
          { head: "shares", width: TAPE_SHARES, side: "right" },
        ]}
        rows={shown.map((trade) => ({
          key: String(trade.trade_id),
          cells: [
            clock(trade.timestamp),
            trade.taker_side.toLowerCase(),
            price(trade.price),
            short(whole(trade.quantity), trade.quantity, TAPE_SHARES),
          ],
          colours: [undefined, trade.taker_side === "BUY" ? "green" : "red"],
        }))}
        empty="no trade yet"
      />
    </Panel>
  );
}
