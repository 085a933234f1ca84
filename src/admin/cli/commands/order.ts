import { type Reply, request } from "../admin-client.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { example } from "../example.ts";
import { findSymbolName, SYMBOL_HELP, symbolTitles } from "../find-symbol.ts";
import { counted, date, fields, print } from "../output.ts";
import { ACCOUNT_HELP } from "../parse.ts";
import type { Program } from "../root-command.ts";
import { type SymbolTitles, titleOf, withNames } from "../symbol-names.ts";

const ORDER_HELP = "order id, such as ord_2097153";

export function addOrderCommands(program: Program): void {
  const order = program
    .command("order")
    .description("Shows orders and cancels them.")
    .addHelpText("after", example("order show ord_2097153"));

  order
    .command("show")
    .description("Shows an order, open or done, with its account and user.")
    .argument("<order>", ORDER_HELP)
    .addHelpText("after", example("order show ord_2097153"))
    .action(async (id) => {
      const shown = await request(program, "GET /admin/v1/orders/:id", { params: { id } });
      const titles = await symbolTitles(program);
      print(program, "order show", withNames(shown, titles), (it) => orderText(it, titles));
    });

  order
    .command("cancel")
    .description("Cancels an open order, whoever placed it.")
    .argument("<order>", ORDER_HELP)
    .addHelpText("after", example("order cancel ord_2097153"))
    .action(async (id) => {
      const answer = await request(program, "POST /admin/v1/orders/:id/cancel", { params: { id } });
      print(program, "order cancel", answer, (now) => `${now.order_id} is ${now.status}`);
    });

  order
    .command("cancel-all")
    .description("Cancels all open orders of an account, or those of one symbol. Asks first.")
    .requiredOption("--account <account>", ACCOUNT_HELP)
    .option("--symbol <symbol>", `only of this one: ${SYMBOL_HELP}`)
    .option(...YES_OPTION)
    .addHelpText("after", example("order cancel-all --account acc_1 --symbol mahomes"))
    .action(async ({ account: id, symbol: text, yes }) => {
      const symbol = await findSymbolName(program, text);
      const of = symbol === undefined ? "" : ` of ${symbol}`;
      await confirm(program, `Cancel all open orders${of} of ${id}`, yes);
      const answer = await request(program, "POST /admin/v1/accounts/:id/orders/cancel", {
        params: { id },
        body: { ...(symbol !== undefined && { symbol }) },
        typed: { id: "--account" },
      });
      print(program, "order cancel-all", answer, ({ cancelled }) => {
        return `${counted(cancelled, "order is", "orders are")} cancelled`;
      });
    });
}

function orderText(order: Reply<"GET /admin/v1/orders/:id">, titles: SymbolTitles): string {
  const { order_id, account_id, user_id, name, symbol, side, type, time_in_force } = order;
  const { price, stop_price, expire_at, quantity, filled_quantity, average_price } = order;
  return fields({
    order: order_id,
    ...(order.client_order_id !== undefined && { "client order id": order.client_order_id }),
    account: user_id === null ? account_id : `${account_id} of ${user_id} (${name})`,
    symbol: titleOf(symbol, titles),
    what: [side, type, time_in_force, order.post_only ? "post-only" : ""].join(" ").trim(),
    ...(price !== undefined && { "price (cents)": price }),
    ...(stop_price !== undefined && { "stop price (cents)": stop_price }),
    ...(expire_at !== undefined && { expires: date(expire_at) }),
    filled: `${filled_quantity} of ${quantity}${average_price === undefined ? "" : ` at ${average_price} cents`}`,
    status: order.reason === undefined ? order.status : `${order.status} (${order.reason})`,
    "came in": date(order.created_at),
    "last changed": date(order.timestamp),
  });
}
