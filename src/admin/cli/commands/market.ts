import { Option } from "@commander-js/extra-typings";
import { CANDLE_INTERVALS } from "../../../protocol/names.ts";
import { request } from "../admin-client.ts";
import { example } from "../example.ts";
import { findSymbol, type ListedSymbol, nameOf, SYMBOL_HELP } from "../find-symbol.ts";
import { columns, date, print } from "../output.ts";
import { parseLimit } from "../parse.ts";
import type { Program } from "../root-command.ts";

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
    .action(async (text, query) => {
      const found = await findSymbol(program, text);
      const params = { symbol: found.symbol };
      const book = await request(program, "GET /admin/v1/symbols/:symbol/book", { params, query });
      print(program, "book", named(found, book), ({ bids, asks }) => {
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
    .option("--limit <n>", "how many (default: 50)", parseLimit)
    .addHelpText("after", example("trades PMAHOMES --limit 5"))
    .action(async (text, query) => {
      const found = await findSymbol(program, text);
      const params = { symbol: found.symbol };
      const route = "GET /admin/v1/symbols/:symbol/trades";
      const answer = await request(program, route, { params, query });
      print(program, "trades", named(found, answer), ({ trades }) => {
        const rows = trades.map((trade) => [
          ...[date(trade.timestamp), trade.trade_id, trade.taker_side],
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
    .option("--limit <n>", "how many (default: 50)", parseLimit)
    .addHelpText("after", example("candles mahomes --interval 1h"))
    .action(async (text, query) => {
      const found = await findSymbol(program, text);
      const params = { symbol: found.symbol };
      const route = "GET /admin/v1/symbols/:symbol/candles";
      const answer = await request(program, route, { params, query });
      print(program, "candles", named(found, answer), ({ candles }) => {
        const rows = candles.map(({ start, open, high, low, close, volume, trades }) => [
          ...[date(start), open, high, low, close, volume, trades],
        ]);
        const head = ["start", "open", "high", "low", "close", "volume", "trades"];
        return `${nameOf(found)}\n${columns(head, rows)}`;
      });
    });
}

/** The answer with the symbol's name and its player's beside it. */
function named<Answer extends object>(
  { symbol, ticker, player_name }: ListedSymbol,
  answer: Answer,
) {
  return { ...answer, symbol, ...(ticker !== undefined && { ticker }), player_name };
}
