import { Arrow } from "../lib/change.tsx";
import { FiguresTable } from "../lib/figures-table.tsx";
import { clock } from "../lib/moment.ts";
import { decimal, shares } from "../lib/money.ts";
import { useStore } from "../lib/use-store.ts";
import type { Player } from "../market/players.ts";
import { TradeStore } from "./trade-store.ts";

/** The last trades. */
export function Tape({ player }: { player: Player }) {
  const { symbol } = player.info;
  const store = useStore(() => new TradeStore(symbol), symbol);
  const trades = store.trades.value;
  return (
    <section class="card tape" aria-label="Trades">
      <div class="card-head">
        <h2>Trades</h2>
      </div>
      <FiguresTable
        label="Last trades"
        scrollClass="tape-scroll"
        heads={["Price", "Shares", "Time"]}
        foot={trades.length === 0 && <p class="empty">No trades yet</p>}
      >
        {trades.map(({ trade_id, price, quantity, taker_side, timestamp }) => (
          <tr key={trade_id}>
            <td class={taker_side === "BUY" ? "up" : "down"}>
              <Arrow direction={taker_side === "BUY" ? "up" : "down"} />
              <span class="unseen">{taker_side === "BUY" ? "bought at" : "sold at"}</span>
              {decimal(price)}
            </td>
            <td>{shares(quantity)}</td>
            <td class="muted">{clock.format(timestamp)}</td>
          </tr>
        ))}
      </FiguresTable>
    </section>
  );
}
