import { Option } from "@commander-js/extra-typings";
import * as v from "valibot";
import { CANDLE_INTERVALS } from "../../../protocol/names.ts";
import { ask } from "../admin-client.ts";
import { findSymbol, nameOf } from "../find-symbol.ts";
import { columns, date, example, print } from "../output.ts";
import { parseLimit } from "../parse.ts";
import type { Program } from "../root-command.ts";

const Level = v.tuple([v.number(), v.number()]);
const Book = v.looseObject({ bids: v.array(Level), asks: v.array(Level) });
const Trades = v.looseObject({
  trades: v.array(
    v.looseObject({
      trade_id: v.number(),
      price: v.number(),
      quantity: v.number(),
      taker_side: v.string(),
      timestamp: v.number(),
    }),
  ),
});
const Candles = v.looseObject({
  candles: v.array(
    v.looseObject({
      start: v.number(),
      open: v.number(),
      high: v.number(),
      low: v.number(),
      close: v.number(),
      volume: v.number(),
      trades: v.number(),
    }),
  ),
});

export const SYMBOL_HELP = "symbol, ticker, or player's name or a part of it";

export function addMarketCommands(program: Program): void {
  addBook(program);
  addTrades(program);
  addCandles(program);
}

function addBook(program: Program): void {
  program
    .command("book")
    .description("Shows a symbol's order book, best prices first.")
    .argument("<symbol>", SYMBOL_HELP)
    .option("--levels <n>", "price levels of each side (default: 20)", parseLimit)
    .addHelpText("after", example("book mahomes"))
    .action(async (text, { levels }) => {
      const globals = program.opts();
      const found = await findSymbol(globals, text);
      const query = levels === undefined ? "" : `?levels=${levels}`;
      const book = await ask(globals, "GET", `/symbols/${found.symbol}/book${query}`, Book);
      print(globals.json, named(found, book), ({ bids, asks }) => {
        const rows = Array.from({ length: Math.max(bids.length, asks.length) }, (_, i) => {
          const [bid = "", bidQuantity = ""] = bids[i] ?? [];
          const [offer = "", offerQuantity = ""] = asks[i] ?? [];
          return [bidQuantity, bid, offer, offerQuantity];
        });
        return `${nameOf(found)}\n${columns(["bid shares", "bid (cents)", "ask (cents)", "ask shares"], rows)}`;
      });
    });
}

function addTrades(program: Program): void {
  program
    .command("trades")
    .description("Shows a symbol's last trades, newest first.")
    .argument("<symbol>", SYMBOL_HELP)
    .option("--limit <n>", "how many (default: 100)", parseLimit)
    .addHelpText("after", example("trades PMAHOMES --limit 5"))
    .action(async (text, { limit }) => {
      const globals = program.opts();
      const found = await findSymbol(globals, text);
      const query = limit === undefined ? "" : `?limit=${limit}`;
      const answer = await ask(globals, "GET", `/symbols/${found.symbol}/trades${query}`, Trades);
      print(globals.json, named(found, answer), ({ trades }) => {
        const rows = trades.map((trade) => [
          ...[date(trade.timestamp, ""), trade.trade_id, trade.taker_side],
          ...[trade.price, trade.quantity],
        ]);
        return `${nameOf(found)}\n${columns(["time", "trade", "taker", "cents", "shares"], rows)}`;
      });
    });
}

function addCandles(program: Program): void {
  program
    .command("candles")
    .description("Shows a symbol's candles, newest first.")
    .argument("<symbol>", SYMBOL_HELP)
    .addOption(
      new Option("--interval <interval>", "how long each is")
        .choices(CANDLE_INTERVALS)
        .default("1m" as const),
    )
    .option("--limit <n>", "how many (default: 100)", parseLimit)
    .addHelpText("after", example("candles mahomes --interval 1h"))
    .action(async (text, { interval, limit }) => {
      const globals = program.opts();
      const found = await findSymbol(globals, text);
      const query = `?interval=${interval}${limit === undefined ? "" : `&limit=${limit}`}`;
      const answer = await ask(globals, "GET", `/symbols/${found.symbol}/candles${query}`, Candles);
      print(globals.json, named(found, answer), ({ candles }) => {
        const rows = candles.map(({ start, open, high, low, close, volume, trades }) => [
          ...[date(start, ""), open, high, low, close, volume, trades],
        ]);
        const head = ["start", "open", "high", "low", "close", "volume", "trades"];
        return `${nameOf(found)}\n${columns(head, rows)}`;
      });
    });
}

/** The answer with the symbol's name and its player's beside it. */
function named<Answer extends object>(
  { symbol, ticker, player_name }: Awaited<ReturnType<typeof findSymbol>>,
  answer: Answer,
) {
  return { ...answer, symbol, ticker, player_name };
}
