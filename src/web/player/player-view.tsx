import { Balances } from "../account/balances.tsx";
import { OpenOrders } from "../account/open-orders.tsx";
import { Positions } from "../account/positions.tsx";
import { Link } from "../lib/router.tsx";
import { useStore } from "../lib/use-store.ts";
import { session } from "../login/session.ts";
import { type Player, playerOf, players } from "../market/players.ts";
import { showTicket } from "../ticket/picked-price.ts";
import { Ticket } from "../ticket/ticket.tsx";
import { BookStore } from "./book-store.ts";
import { Chart } from "./chart.tsx";
import { Ladder } from "./ladder.tsx";
import { PlayerHead } from "./player-head.tsx";
import { Tape } from "./tape.tsx";

/** `name`: `SYMBOL_<n>` or a ticker. */
export function PlayerView({ name }: { name: string }) {
  const isKnown = players.value.length > 0;
  const player = playerOf(name);
  if (player === undefined) {
    return isKnown ? <NoPlayer name={name} /> : <p class="empty">Loading…</p>;
  }
  return <PlayerPanels key={player.info.symbol} player={player} />;
}

function PlayerPanels({ player }: { player: Player }) {
  const { symbol } = player.info;
  const who = session.value;
  const book = useStore(() => new BookStore(symbol), symbol);
  return (
    <div class="player-view">
      <PlayerHead player={player} book={book} />
      <Chart player={player} />
      <Ladder player={player} store={book} />
      <button type="button" class="button primary to-ticket" onClick={showTicket}>
        Trade
      </button>
      <div class="side">
        <Ticket key={who?.account_id} player={player} book={book} />
        <Tape player={player} />
      </div>
      {who != null && (
        <div class="own" key={who.account_id}>
          <Balances />
          <OpenOrders first={symbol} />
          <Positions first={symbol} />
        </div>
      )}
    </div>
  );
}

function NoPlayer({ name }: { name: string }) {
  return (
    <div class="empty">
      <h1>No such player</h1>
      <p>
        Nobody is listed as {name}. <Link to="/">To the market</Link>
      </p>
    </div>
  );
}
