import { type Reply, request } from "../admin-client.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { example } from "../example.ts";
import { findPositions, findSymbolName, SYMBOL_HELP, symbolTitles } from "../find-symbol.ts";
import { columns, date, fields, print } from "../output.ts";
import {
  ACCOUNT_HELP,
  collectPosition,
  onOrOff,
  parseInteger,
  parseLimit,
  USER_HELP,
} from "../parse.ts";
import type { Group, Program } from "../root-command.ts";
import { type SymbolTitles, titleOf, withNames } from "../symbol-names.ts";

type Account = Reply<"GET /admin/v1/accounts/:id">;
type Order = Reply<"GET /admin/v1/accounts/:id/orders/history">["orders"][number];
type Deposited = Reply<"POST /admin/v1/accounts/:id/deposit">;

const NO_TITLES: SymbolTitles = new Map();

export function addAccountCommands(program: Program): void {
  const account = program
    .command("account")
    .description("Shows accounts, and what they did; opens them, deposits and withdraws.")
    .addHelpText("after", example("account show acc_1"));

  account
    .command("show")
    .description("Shows an account: its user, cash, shares, settings and newest open orders.")
    .argument("<account>", ACCOUNT_HELP)
    .addHelpText("after", example("account show acc_1"))
    .action(async (id) => {
      const shown = await request(program, "GET /admin/v1/accounts/:id", { params: { id } });
      const isEmpty = shown.positions.length + shown.orders.length === 0;
      const titles = isEmpty ? NO_TITLES : await symbolTitles(program);
      print(program, "account show", withNames(shown, titles), (it, width) =>
        accountText(it, titles, width),
      );
    });

  addOpen(program, account);
  describeDeposit(program, account.command("deposit"), "account deposit", 1);
  describeDeposit(program, account.command("withdraw"), "account withdraw", -1);
  addOrders(program, account);
  addTrades(program, account);
  addTrace(program, account);
}

function addOpen(program: Program, account: Group): void {
  account
    .command("open")
    .description("Opens another account for a user.")
    .argument("<user>", USER_HELP)
    .option("--cash <cents>", "cash in cents: 1000000 is $10,000.00", parseInteger)
    .option("--position <symbol=shares>", "shares to begin with; may be repeated", collectPosition)
    .addHelpText("after", example("account open usr_1 --cash 1000000"))
    .action(async (id, { cash, position }) => {
      const positions = await findPositions(program, position);
      const answer = await request(program, "POST /admin/v1/users/:id/accounts", {
        params: { id },
        body: {
          ...(cash !== undefined && { cash }),
          ...(positions !== undefined && { positions }),
        },
        typed: { positions: "--position" },
      });
      print(program, "account open", answer, fields);
    });
}

/** `account deposit`, also without `account` before it. */
export function addDepositCommand(program: Program): void {
  describeDeposit(program, program.command("deposit"), "deposit", 1);
}

/** Describes `deposit` or `withdraw`. `sign`: -1 for a withdrawal. */
function describeDeposit(program: Program, command: Group, path: string, sign: 1 | -1): void {
  const isWithdrawal = sign === -1;
  const flow = isWithdrawal ? "Withdraws cash or shares from" : "Deposits cash or shares into";
  command
    .description(
      `${flow} an account: all that is given, or nothing. A negative amount ${isWithdrawal ? "deposits" : "withdraws"}.`,
    )
    .argument("<account>", ACCOUNT_HELP)
    .option("--cash <cents>", "amount in cents", parseInteger)
    .option("--position <symbol=shares>", "shares of a symbol; may be repeated", collectPosition)
    .addHelpText("after", example(`${path} acc_1 --cash 500 --position mahomes=100`))
    .action(async (id, { cash, position }) => {
      const positions = await findPositions(program, position);
      const signed = Object.entries(positions ?? {}).map(([symbol, n]) => [symbol, sign * n]);
      const answer = await request(program, "POST /admin/v1/accounts/:id/deposit", {
        params: { id },
        body: {
          ...(cash !== undefined && { cash: sign * cash }),
          ...(positions !== undefined && { positions: Object.fromEntries(signed) }),
        },
        typed: { positions: "--position" },
      });
      const titles = answer.positions === undefined ? NO_TITLES : await symbolTitles(program);
      print(program, "account deposit", answer, (now) => totalsText(now, titles));
    });
}

function addOrders(program: Program, account: Group): void {
  account
    .command("orders")
    .description("Lists an account's open orders, newest first; or those that are done.")
    .argument("<account>", ACCOUNT_HELP)
    .option("--done", "orders that are done, last done first")
    .option("--symbol <symbol>", `only of this one: ${SYMBOL_HELP}`)
    .option("--limit <n>", "how many at most", parseLimit, 50)
    .option("--before <next>", "`next` of the page before", parseLimit)
    .addHelpText("after", example("account orders acc_1 --symbol mahomes"))
    .action(async (id, { done, symbol, ...page }) => {
      const query = { ...page, symbol: await findSymbolName(program, symbol) };
      const asked = { params: { id }, query };
      const answer =
        done === true
          ? await request(program, "GET /admin/v1/accounts/:id/orders/history", asked)
          : await request(program, "GET /admin/v1/accounts/:id/orders", asked);
      const titles = answer.orders.length === 0 ? NO_TITLES : await symbolTitles(program);
      print(
        program,
        "account orders",
        withNames(answer, titles),
        ({ orders, next }, width) => orderTable(orders, titles, width) + moreText(next),
      );
    });
}

function addTrades(program: Program, account: Group): void {
  account
    .command("trades")
    .description("Lists what an account traded, newest first.")
    .argument("<account>", ACCOUNT_HELP)
    .option("--symbol <symbol>", `only of this one: ${SYMBOL_HELP}`)
    .option("--limit <n>", "how many at most", parseLimit, 50)
    .option("--before <next>", "`next` of the page before", parseLimit)
    .addHelpText("after", example("account trades acc_1 --limit 5"))
    .action(async (id, { symbol, ...page }) => {
      const query = { ...page, symbol: await findSymbolName(program, symbol) };
      const asked = { params: { id }, query };
      const answer = await request(program, "GET /admin/v1/accounts/:id/trades", asked);
      const titles = answer.trades.length === 0 ? NO_TITLES : await symbolTitles(program);
      print(program, "account trades", withNames(answer, titles), ({ trades, next }, width) => {
        const rows = trades.map((trade) => [
          ...[date(trade.timestamp), titleOf(trade.symbol, titles), trade.side],
          ...[trade.price, trade.quantity, trade.liquidity, trade.fee, trade.order_id],
        ]);
        const head = ["time", "symbol", "side", "cents", "shares", "liquidity", "fee", "order"];
        return columns(head, rows, width) + moreText(next);
      });
    });
}

function addTrace(program: Program, account: Group): void {
  account
    .command("trace")
    .description("Writes what an account does to the server's log, for a time.")
    .argument("<account>", ACCOUNT_HELP)
    .addArgument(onOrOff("whether it is traced"))
    .option("--seconds <seconds>", "for how long; 600 by default", parseInteger)
    .addHelpText("after", example("account trace acc_1 on --seconds 60"))
    .action(async (id, state, { seconds }) => {
      if (state === "off" && seconds !== undefined) {
        throw new CliError("--seconds goes with on only.", { exitCode: EXIT.usage });
      }
      const body = { on: state === "on", ...(seconds !== undefined && { seconds }) };
      const asked = { params: { id }, body };
      const answer = await request(program, "POST /admin/v1/accounts/:id/trace", asked);
      print(program, "account trace", answer, ({ account_id, until }) =>
        until === null
          ? `${account_id} is not traced`
          : `${account_id} is traced until ${new Date(until).toISOString()}`,
      );
    });
}

function accountText(
  { account_id, user_id, name, cash, positions, orders, settings }: Account,
  titles: SymbolTitles,
  width: number,
): string {
  const { available, reserved, total } = cash;
  const ownLimits = Object.entries(settings.limits).filter(([, most]) => most !== 0);
  const tables = [
    fields({
      account: account_id,
      user: user_id === null ? nobody(account_id) : `${user_id} (${name})`,
      "cash (cents)": `${total}: ${available} available, ${reserved} reserved`,
      ...termsOf(settings),
      limits: ownLimits.map(([what, most]) => `${what} ${most}`).join(", ") || "as everybody",
    }),
  ];
  if (positions.length > 0) {
    const rows = positions.map((held) => [
      ...[titleOf(held.symbol, titles), held.available, held.reserved, held.total],
    ]);
    tables.push(columns(["shares of", "available", "reserved", "total"], rows, width));
  }
  if (orders.length > 0) tables.push(orderTable(orders, titles, width));
  return tables.join("\n");
}

const nobody = (account: string): string => (account === "acc_0" ? "the exchange's own" : "nobody");

/** The fees of an account and whether it may sell short, for people. */
export function termsOf({ may_short, own_fees, maker_bps, taker_bps }: Account["settings"]) {
  return {
    fees: `maker ${maker_bps}, taker ${taker_bps} basis points, ${own_fees ? "its own" : "as everybody"}`,
    "sells short": may_short ? "yes" : "no",
  };
}

function orderTable(orders: readonly Order[], titles: SymbolTitles, width: number): string {
  const rows = orders.map((order) => [
    ...[order.order_id, titleOf(order.symbol, titles), order.side, order.type],
    ...[order.price ?? "", `${order.filled_quantity} of ${order.quantity}`],
    order.reason === undefined ? order.status : `${order.status} (${order.reason})`,
  ]);
  return columns(["order", "symbol", "side", "type", "cents", "filled", "status"], rows, width);
}

const moreText = (next: number | undefined): string =>
  next === undefined ? "" : `\nThere is more: --before ${next}`;

function totalsText({ account_id, cash, positions = {} }: Deposited, titles: SymbolTitles): string {
  const shares = Object.entries(positions).map(([symbol, total]) => [
    titleOf(symbol, titles),
    total,
  ]);
  return fields({
    account: account_id,
    ...(cash !== undefined && { "cash (cents)": cash }),
    ...Object.fromEntries(shares),
  });
}
