import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { nameOf, searchSymbols } from "../find-symbol.ts";
import { columns, example, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const Holding = { available: v.number(), reserved: v.number(), total: v.number() };
const Account = v.looseObject({
  account_id: v.string(),
  user_id: v.nullable(v.string()),
  name: v.nullable(v.string()),
  cash: v.looseObject(Holding),
  positions: v.array(v.looseObject({ symbol: v.string(), ...Holding })),
  orders: v.array(
    v.looseObject({
      order_id: v.string(),
      symbol: v.string(),
      side: v.string(),
      type: v.string(),
      price: v.optional(v.number()),
      quantity: v.number(),
      filled_quantity: v.number(),
      status: v.string(),
    }),
  ),
});

export function addAccountCommands(program: Program): void {
  program
    .command("account")
    .description("Shows accounts.")
    .addHelpText("after", example("account show acc_1"))
    .command("show")
    .description("Shows whose an account is, its cash, shares and newest open orders.")
    .argument("<account>", "account id, such as acc_1")
    .addHelpText("after", example("account show acc_1"))
    .action(async (id) => {
      const globals = program.opts();
      const path = `/accounts/${encodeURIComponent(id)}`;
      const account = await ask(globals, "GET", path, Account);
      const isEmpty = account.positions.length + account.orders.length === 0;
      const { symbols } = isEmpty ? { symbols: [] } : await searchSymbols(globals, "");
      const bySymbol = new Map(symbols.map((listed) => [listed.symbol, listed]));
      const named = <Row extends { symbol: string }>(row: Row) => {
        const listed = bySymbol.get(row.symbol);
        return { ...row, ticker: listed?.ticker ?? "", player_name: listed?.player_name ?? "" };
      };
      const answer = {
        ...account,
        positions: account.positions.map(named),
        orders: account.orders.map(named),
      };
      const title = (symbol: string): string => {
        const listed = bySymbol.get(symbol);
        return listed === undefined ? symbol : nameOf(listed);
      };
      print(globals.json, answer, (shown) => render(shown, title));
    });
}

function render(
  { account_id, user_id, name, cash, positions, orders }: v.InferOutput<typeof Account>,
  title: (symbol: string) => string,
): string {
  const { available, reserved, total } = cash;
  const tables = [
    fields({
      account: account_id,
      user: user_id === null ? "the exchange's own" : `${user_id} (${name})`,
      "cash (cents)": `${total}: ${available} available, ${reserved} reserved`,
    }),
  ];
  if (positions.length > 0) {
    const rows = positions.map((held) => [
      ...[title(held.symbol), held.available, held.reserved, held.total],
    ]);
    tables.push(columns(["shares of", "available", "reserved", "total"], rows));
  }
  if (orders.length > 0) {
    const rows = orders.map((order) => [
      ...[order.order_id, title(order.symbol), order.side, order.type, order.price ?? ""],
      ...[`${order.filled_quantity} of ${order.quantity}`, order.status],
    ]);
    tables.push(columns(["order", "symbol", "side", "type", "cents", "filled", "status"], rows));
  }
  return tables.join("\n");
}
