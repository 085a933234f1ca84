/** The lists of done orders and of fills. */
import type { OrderState, Result, TradingClient } from "@waiver/client";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Average } from "../lib/average.tsx";
import { type Cell, csvAverage, csvMoney } from "../lib/csv.ts";
import { FiguresTable, type WordsHead } from "../lib/figures-table.tsx";
import { exactMoment } from "../lib/moment.ts";
import { decimal, dollars, shares } from "../lib/money.ts";
import { Paged } from "../lib/paged.ts";
import { refusalText } from "../lib/refusal-text.ts";
import { saveCsv } from "../lib/save-csv.ts";
import { inAccount, trading } from "../login/session.ts";
import { PlayerLink } from "../market/player-link.tsx";
import { playerName } from "../market/players.ts";
import { attempt } from "../shell/notices.ts";
import { priceText, statusText } from "../ticket/outcome-words.ts";
import { doneVersion } from "./account.ts";
import { OrderCell } from "./order-cell.tsx";

type Fill = Result<"account.trades">["trades"][number];
/** The key of a fill. The order is part of it because both sides of a trade may be the user's own. */
const fillKey = ({ trade_id, order_id }: Fill): string => `${trade_id} ${order_id}`;

const iso = (timestamp: number): string => new Date(timestamp).toISOString();

export function OrderHistory() {
  const list = usePaged<OrderState>(
    async (client, page) => {
      const { orders, next } = await client.ordersHistory(page);
      return { rows: orders, next };
    },
    ({ order_id }) => order_id,
  );
  return (
    <HistoryTable
      name="Order history"
      none="Orders that are filled or cancelled are kept here"
      file="orders.csv"
      tableClass="done-table"
      list={list}
      heads={[
        ...["Time", { words: "Player" }, { words: "Order" }, "At", "Average", "Filled"],
        { words: "State" },
      ]}
      csvHeads={[
        ...["order_id", "created_at", "ended_at", "symbol", "player", "side", "type"],
        ...["price", "stop_price", "quantity", "filled", "average_price", "status", "reason"],
      ]}
      csvRow={(order) => [
        ...[order.order_id, iso(order.created_at), iso(order.timestamp), order.symbol],
        ...[playerName(order.symbol), order.side, order.type, csvMoney(order.price)],
        ...[csvMoney(order.stop_price), order.quantity, order.filled_quantity],
        ...[csvAverage(order.average_price), order.status, order.reason],
      ]}
      row={(order) => (
        <tr key={order.order_id}>
          <td class="muted">{exactMoment.format(order.timestamp)}</td>
          <td class="cell-words">
            <PlayerLink symbol={order.symbol} />
          </td>
          <OrderCell order={order} />
          <td>{priceText(order)}</td>
          <td>
            {order.average_price === undefined ? "–" : <Average cents={order.average_price} />}
          </td>
          <td>{shares(order.filled_quantity)}</td>
          <td class="cell-words">{statusText(order)}</td>
        </tr>
      )}
    />
  );
}

export function Fills() {
  const list = usePaged<Fill>(async (client, page) => {
    const { trades, next } = await client.accountTrades(page);
    return { rows: trades, next };
  }, fillKey);
  return (
    <HistoryTable
      name="Fills"
      none="What you buy and sell is kept here"
      file="fills.csv"
      tableClass="fills-table"
      list={list}
      heads={[
        ...["Time", { words: "Player" }, { words: "Side" }, "Price", "Shares", "Value", "Fee"],
      ]}
      csvHeads={[
        ...["trade_id", "order_id", "time", "symbol", "player", "side"],
        ...["price", "quantity", "value", "fee", "liquidity"],
      ]}
      csvRow={(fill) => [
        ...[fill.trade_id, fill.order_id, iso(fill.timestamp), fill.symbol],
        ...[playerName(fill.symbol), fill.side, csvMoney(fill.price), fill.quantity],
        ...[csvMoney(fill.price * fill.quantity), csvMoney(fill.fee), fill.liquidity],
      ]}
      row={(fill) => (
        <tr key={fillKey(fill)}>
          <td class="muted">{exactMoment.format(fill.timestamp)}</td>
          <td class="cell-words">
            <PlayerLink symbol={fill.symbol} />
          </td>
          <td class={`cell-words ${fill.side === "BUY" ? "up" : "down"}`}>
            {fill.side === "BUY" ? "Bought" : "Sold"}
          </td>
          <td>{decimal(fill.price)}</td>
          <td>{shares(fill.quantity)}</td>
          <td>{dollars(fill.price * fill.quantity)}</td>
          <td>{dollars(fill.fee)}</td>
        </tr>
      )}
    />
  );
}

interface HistoryProps<Row> {
  name: string;
  /** The text when there are no rows. */
  none: string;
  /** Name of the CSV file. */
  file: string;
  tableClass: string;
  list: Paged<Row>;
  heads: readonly (string | WordsHead)[];
  csvHeads: readonly string[];
  csvRow: (row: Row) => Cell[];
  row: (row: Row) => ComponentChildren;
}

function HistoryTable<Row>(props: HistoryProps<Row>) {
  const { name, none, file, tableClass, list, heads, csvHeads, csvRow, row } = props;
  const save = async (): Promise<void> =>
    saveCsv(file, [csvHeads, ...(await inAccount(() => list.all())).map(csvRow)]);
  const rows = list.rows.value;
  const { value: fault } = list.fault;
  return (
    <section class="card own-table history" aria-label={name}>
      <div class="card-head">
        <h2>{name}</h2>
        <span class="spacer" />
        <button
          type="button"
          class="button small"
          aria-label={`${name} as CSV`}
          onClick={() => void attempt(save)}
        >
          CSV
        </button>
      </div>
      <FiguresTable
        label={`All of ${name}`}
        tableClass={`figures-table ${tableClass}`}
        heads={heads}
        foot={
          <>
            {rows.length === 0 && (
              <p class="empty">
                {fault !== null ? refusalText(fault) : list.isLoading.value ? "Loading…" : none}
              </p>
            )}
            {list.hasMore.value && (
              <p class="more">
                <button
                  type="button"
                  class="button small"
                  disabled={list.isLoading.value}
                  onClick={() => void list.loadMore()}
                >
                  More
                </button>
              </p>
            )}
          </>
        }
      >
        {rows.map(row)}
      </FiguresTable>
    </section>
  );
}

/** A list of the logged-in user, which is read again when orders have changed. */
function usePaged<Row>(
  ask: (
    client: TradingClient,
    page: { limit: number; before?: number },
  ) => Promise<{ rows: readonly Row[]; next: number | undefined }>,
  keyOf: (row: Row) => string,
): Paged<Row> {
  const client = trading.value;
  const list = useMemo(
    () =>
      new Paged<Row>((before, limit) => {
        if (client === null) return Promise.resolve({ rows: [], next: undefined });
        return ask(client, { limit, ...(before !== undefined && { before }) });
      }, keyOf),
    [client],
  );
  useEffect(() => () => list.close(), [list]);
  const version = doneVersion.value;
  useEffect(() => void list.load(), [list, version]);
  return list;
}
