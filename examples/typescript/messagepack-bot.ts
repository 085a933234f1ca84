/** Speaks MessagePack: buys what is offered at LIMIT or below: `messagepack-bot.ts SYMBOL LIMIT QUANTITY`. */
import { createTradingClient, isExchangeError } from "@waiver/client";

const {
  WAIVER_URL: url = "ws://localhost:8080",
  WAIVER_KEY = "",
  WAIVER_SECRET = "",
} = process.env;
const [name = "", limit = "", quantity = ""] = process.argv.slice(2);
const client = createTradingClient({
  url,
  encoding: "msgpack",
  auth: { apiKey: WAIVER_KEY, apiSecret: WAIVER_SECRET },
});
process.on("SIGINT", () => client.close());

let wanted = Number(quantity);
for await (const { symbol, ask } of client.stream("bbo", { symbols: [name] })) {
  if (ask === null || ask[0] > Number(limit)) continue;
  try {
    const { filled_quantity: bought, average_price: price } = await client.place({
      ...{ symbol, side: "BUY", type: "LIMIT", time_in_force: "IOC" },
      ...{ price: ask[0], quantity: Math.min(ask[1], wanted) },
    });
    if (bought > 0) console.log("bought", bought, "@", price);
    wanted -= bought;
  } catch (error) {
    if (!isExchangeError(error, "ORDER_RATE", "SYMBOL_NOT_TRADING")) throw error;
  }
  if (wanted === 0) break;
}
client.close();
