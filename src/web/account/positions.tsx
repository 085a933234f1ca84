import type { Holding } from "@waiver/client";
import { Average } from "../lib/average.tsx";
import { Arrow, directionOf } from "../lib/change.tsx";
import { type Cell, csvAverage, csvMoney } from "../lib/csv.ts";
import { FiguresTable } from "../lib/figures-table.tsx";
import { decimal, orDash, shares, signedDollars } from "../lib/money.ts";
import { saveCsv } from "../lib/save-csv.ts";
import { PlayerLink } from "../market/player-link.tsx";
import { playerOf } from "../market/players.ts";
import { positions, withFirst } from "./account.ts";
import { costs } from "./equity.ts";

/** The table of positions: shares, cost and value. `first`: the symbol that comes first. */
export function Positions({ first: symbol }: { first?: string }) {
  const all = [...positions.value].filter(([, { total }]) => total !== 0);
  const held = withFirst(all, symbol, ([name]) => name);
  return (
    <section class="card own-table" aria-label="Positions">
      <div class="card-head">
        <h2>Positions</h2>
        <span class="muted">{held.length}</span>
        <span class="spacer" />
        {held.length > 0 && (
          <button
            type="button"
            class="button small"
            aria-label="Positions as CSV"
            onClick={() => saveCsv("positions.csv", csvOf(held))}
          >
            CSV
          </button>
        )}
      </div>
      {held.length === 0 ? (
        <p class="empty">No shares yet</p>
      ) : (
        <FiguresTable
          label="All positions"
          tableClass="figures-table positions-table"
          heads={[
            ...["Player", "Shares", "Value", "Unrealised", "Average cost"],
            ...["Last", "24 h", "Realised"],
          ]}
        >
          {held.map(([symbol, holding]) => (
            <PositionRow key={symbol} symbol={symbol} holding={holding} />
          ))}
        </FiguresTable>
      )}
    </section>
  );
}

/** The figures of a position: from the exchange's equity, and from the last price. */
function figuresOf(symbol: string, { total }: Holding) {
  const ticker = playerOf(symbol)?.ticker.value ?? null;
  const last = ticker?.last ?? null;
  const cost = costs.value.get(symbol);
  const value = last === null ? null : last * total;
  return {
    last,
    value,
    average: cost?.average_price ?? null,
    dayChange: ticker === null || last === null ? null : ticker.change * total,
    // The cost may be from before the last fill, so it is compared with the shares that it was paid for.
    unrealised: cost === undefined || last === null ? null : last * cost.quantity - cost.cost,
    realised: cost?.realised ?? null,
  };
}

function csvOf(held: readonly [string, Holding][]): Cell[][] {
  return [
    ["symbol", "player", "shares", "average_cost", "last", "value", "unrealised", "realised"],
    ...held.map(([symbol, holding]) => {
      const { average, last, value, unrealised, realised } = figuresOf(symbol, holding);
      return [
        ...[symbol, playerOf(symbol)?.info.player_name ?? "", holding.total],
        ...[csvAverage(average), csvMoney(last), csvMoney(value)],
        ...[csvMoney(unrealised), csvMoney(realised)],
      ];
    }),
  ];
}

function PositionRow({ symbol, holding }: { symbol: string; holding: Holding }) {
  const { average, last, value, dayChange, unrealised, realised } = figuresOf(symbol, holding);
  return (
    <tr>
      <td>
        <PlayerLink symbol={symbol} />
      </td>
      <td>
        {shares(holding.total)}
        {holding.reserved !== 0 && (
          <span class="muted"> ({shares(holding.reserved)} in orders)</span>
        )}
      </td>
      <td>{orDash(value)}</td>
      <td>
        <Gain cents={unrealised} />
      </td>
      <td>{average === null ? "–" : <Average cents={average} />}</td>
      <td>{orDash(last, decimal)}</td>
      <td>
        <Gain cents={dayChange} />
      </td>
      <td>
        <Gain cents={realised} />
      </td>
    </tr>
  );
}

export function Gain({ cents }: { cents: number | null }) {
  if (cents === null) return <span>–</span>;
  const direction = directionOf(cents);
  return (
    <span class={direction}>
      <Arrow direction={direction} />
      {signedDollars(cents)}
    </span>
  );
}
