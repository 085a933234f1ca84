/**
 * Keeps a bid and an offer around a price: `market-maker.ts SYMBOL PRICE`. Its fills move the price: one cent
 * down for each share it holds more than at the start, one up for each it holds less.
 */
import { createTradingClient, isExchangeError, type OrderState } from "@waiver/client";

const HALF_SPREAD = 3;
const QUANTITY = 5;
/** The exchange cancels all orders when this program has not called `cancelAllAfter` for so long. */
const HANGS_AFTER_MS = 10_000;

const {
  WAIVER_URL: url = "ws://localhost:8080",
  WAIVER_KEY = "",
  WAIVER_SECRET = "",
} = process.env;
const [name = "", start = ""] = process.argv.slice(2);
const client = createTradingClient({
  url,
  auth: { apiKey: WAIVER_KEY, apiSecret: WAIVER_SECRET },
  cancelOnDisconnect: true,
});
const { symbol } = await client.symbol({ symbol: name });
await client.account.ready;
const sharesAtStart = shares();
const quotes = new Map<OrderState["side"], OrderState>();

function shares(): number {
  return client.account.positions.get(symbol)?.total ?? 0;
}

async function quote(side: OrderState["side"]): Promise<void> {
  const away = side === "BUY" ? -HALF_SPREAD : HALF_SPREAD;
  const price = Number(start) + away - (shares() - sharesAtStart);
  const open = quotes.get(side);
  if (open?.price === price) return;
  try {
    const state =
      open === undefined
        ? await client.place({
            ...{ symbol, side, type: "LIMIT", price, quantity: QUANTITY, post_only: true },
          })
        : await client.amend({ order_id: open.order_id, price });
    quotes.set(side, state);
    console.log(side, state.quantity - state.filled_quantity, "@", price);
  } catch (error) {
    // It was filled meanwhile, or would have traded at once: the next event makes a new quote.
    if (isExchangeError(error, "UNKNOWN_ORDER")) quotes.delete(side);
    else if (!isExchangeError(error, "POST_ONLY_WOULD_CROSS", "INSUFFICIENT_SHARES")) throw error;
  }
}

async function quoteBoth(): Promise<void> {
  await quote("BUY");
  await quote("SELL");
}

const alive = () => client.cancelAllAfter({ timeout_ms: HANGS_AFTER_MS });
await alive();
const timer = setInterval(() => void alive().catch(console.error), HANGS_AFTER_MS / 4);
process.on("SIGINT", () => client.close());

await quoteBoth();
for await (const event of client.userEvents()) {
  if (event.event === "position" && event.symbol === symbol) await quoteBoth();
  if (event.event !== "order") continue;
  const { order_id: id, side, status, last_fill: fill } = event;
  if (fill !== undefined) console.log("filled", side, fill.quantity, "@", fill.price);
  if (status === "ACCEPTED" || status === "PARTIALLY_FILLED") continue;
  if (quotes.get(side)?.order_id === id) quotes.delete(side);
  await quoteBoth();
}
clearInterval(timer);
