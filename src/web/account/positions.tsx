import type { Holding } from "@waiver/client";
import { Arrow, directionOf } from "../lib/change.tsx";
import { averageDollars, decimal, dollars, shares, signedDollars } from "../lib/money.ts";
import { PlayerLink } from "../market/player-link.tsx";
import { playerOf } from "../market/players.ts";
import { positions } from "./account.ts";
import { costs } from "./equity.ts";

/** Shares that are held, with what they cost and what they are worth. */
export function Positions() {
  const held = [...positions.value].filter(([, { total }]) => total !== 0);
  return (
    <section class="card own-table" aria-label="Positions">
      <div class="card-head">
        <h2>Positions</h2>
        <span class="muted">{held.length}</span>
      </div>
      {held.length === 0 ? (
        <p class="empty">No shares yet</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <div class="table-scroll" tabIndex={0} role="group" aria-label="All positions">
          <table class="figures-table">
            <thead>
              <tr>
                <th scope="col">Player</th>
                <th scope="col">Shares</th>
                <th scope="col">Average cost</th>
                <th scope="col">Last</th>
                <th scope="col">Value</th>
                <th scope="col">Gain</th>
              </tr>
            </thead>
            <tbody>
              {held.map(([symbol, holding]) => (
                <PositionRow key={symbol} symbol={symbol} holding={holding} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function PositionRow({ symbol, holding }: { symbol: string; holding: Holding }) {
  const last = playerOf(symbol)?.ticker.value?.last ?? null;
  const cost = costs.value.get(symbol);
  const value = last === null ? null : last * holding.total;
  // The exchange's own count, brought up to the price of the moment.
  const gain = cost === undefined || value === null ? null : value - cost.cost;
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
      <td>{cost?.average_price == null ? "–" : averageDollars(cost.average_price)}</td>
      <td>{last === null ? "–" : decimal(last)}</td>
      <td>{value === null ? "–" : dollars(value)}</td>
      <td>
        <Gain cents={gain} />
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
