import { Arrow, directionOf } from "../lib/change.tsx";
import { dollars, orDash, percentChange, shares, signedDollars } from "../lib/money.ts";
import type { Player } from "../market/players.ts";
import { StateTag } from "../market/state-tag.tsx";
import { WatchButton } from "../market/watch-button.tsx";
import type { BookStore } from "./book-store.ts";
import { indication } from "./indicative.ts";

/** The player's name, price, and last 24 hours. */
export function PlayerHead({ player, book }: { player: Player; book: BookStore }) {
  const { info } = player;
  const about = [info.team, info.position, info.number === null ? null : `#${info.number}`];
  return (
    <header class="player-head">
      <div>
        <div class="player-title">
          <h1>{info.player_name}</h1>
          <WatchButton player={player} />
        </div>
        <p class="player-about">
          <span class="symbol">{info.ticker ?? info.symbol}</span>
          <span>{about.filter((each) => each !== null).join(" · ")}</span>
          <span role="status" aria-label="Trading state">
            <StateTag state={player.state.value} />
          </span>
          <Opening player={player} book={book} />
        </p>
      </div>
      <Figures player={player} book={book} />
    </header>
  );
}

/** The indicative price, while orders gather. */
function Opening({ player, book }: { player: Player; book: BookStore }) {
  const state = player.state.value;
  const levels = book.book.value;
  if ((state !== "AUCTION" && state !== "PRE_OPEN") || levels === null) return null;
  const { price_increment: increment } = player.info;
  const last = player.ticker.value?.last ?? 0;
  const opening = indication(levels.bids, levels.asks, increment, last);
  if (opening === null) return <span>Nothing would trade yet</span>;
  return (
    <span>
      Would open at <strong>{dollars(opening.price)}</strong> with {shares(opening.quantity)} shares
    </span>
  );
}

/** The best prices are from the book when it is there, because tickers come only once a second. */
function Figures({ player, book }: { player: Player; book: BookStore }) {
  const ticker = player.ticker.value;
  const levels = book.book.value;
  const bid = levels === null ? ticker?.bid : levels.bids[0];
  const ask = levels === null ? ticker?.ask : levels.asks[0];
  return (
    <>
      <div class="player-last">
        <span class="last">{orDash(ticker?.last)}</span>
        <DayChange open={ticker?.open ?? null} last={ticker?.last ?? null} />
      </div>
      <dl class="player-figures">
        <Figure name="24 h high" text={orDash(ticker?.high)} />
        <Figure name="24 h low" text={orDash(ticker?.low)} />
        <Figure name="24 h open" text={orDash(ticker?.open)} />
        <Figure name="24 h volume" text={shares(ticker?.volume ?? 0)} />
        <Figure name="Bid" text={orDash(bid?.[0])} />
        <Figure name="Ask" text={orDash(ask?.[0])} />
      </dl>
    </>
  );
}

function DayChange({ open, last }: { open: number | null; last: number | null }) {
  if (open === null || last === null) return <span class="change">No trades in 24 h</span>;
  const direction = directionOf(last - open);
  return (
    <span class="change" data-direction={direction}>
      <Arrow direction={direction} />
      {signedDollars(last - open)} ({percentChange(open, last)})
    </span>
  );
}

function Figure({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}
