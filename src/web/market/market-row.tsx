import { useEffect, useRef } from "preact/hooks";
import { Change } from "../lib/change.tsx";
import { compact, decimal, orDash } from "../lib/money.ts";
import { Link, navigate } from "../lib/router.tsx";
import { type Player, playerPath } from "./players.ts";
import { Sparkline } from "./sparkline.tsx";
import { StateTag } from "./state-tag.tsx";
import { WatchButton } from "./watch-button.tsx";

interface RowProps {
  player: Player;
  /** Index of the row, from 0. */
  index: number;
  top: number;
}

export function MarketRow({ player, index, top }: RowProps) {
  const { info } = player;
  const open = (event: MouseEvent): void => {
    if (event.target instanceof Element && event.target.closest("a, button") === null) {
      navigate(playerPath(player));
    }
  };
  return (
    <tr
      role="row"
      aria-rowindex={index + 2}
      class="market-row"
      style={{ transform: `translateY(${top}px)` }}
      onClick={open}
    >
      <td role="cell" class="cell-watch">
        <WatchButton player={player} />
      </td>
      <td role="cell" class="cell-name">
        <Link to={playerPath(player)}>{info.player_name}</Link>
        <span class="row-sub">
          <span class="row-ticker">{info.ticker ?? info.symbol}</span>
          <span class="only-narrow">
            {[info.team, info.position].filter((each) => each !== null).join(" · ")}
          </span>
          <StateTag state={player.state.value} isBrief />
        </span>
      </td>
      <td role="cell" class="cell-team">
        {info.team ?? "–"}
      </td>
      <td role="cell" class="cell-position">
        {info.position ?? "–"}
      </td>
      <td role="cell" class="cell-spark">
        <Sparkline player={player} />
      </td>
      <Figures player={player} />
    </tr>
  );
}

/** The live cells. Only they are drawn again when a figure changes. */
function Figures({ player }: { player: Player }) {
  const ticker = player.ticker.value;
  const last = ticker?.last ?? null;
  const cell = useFlash(last);
  return (
    <>
      <td role="cell" class="cell-last" ref={cell}>
        {orDash(last, decimal)}
      </td>
      <td role="cell" class="cell-change">
        <Change from={ticker?.open ?? null} to={last} />
      </td>
      <td role="cell" class="cell-volume">
        {compact(ticker?.volume ?? 0)}
      </td>
      <td role="cell" class="cell-bid">
        {orDash(ticker?.bid?.[0], decimal)}
      </td>
      <td role="cell" class="cell-ask">
        {orDash(ticker?.ask?.[0], decimal)}
      </td>
    </>
  );
}

const FLASH_MS = 600;

/** Lights the cell up when its price moves. */
function useFlash(price: number | null) {
  const cell = useRef<HTMLTableCellElement>(null);
  const before = useRef(price);
  useEffect(() => {
    const was = before.current;
    before.current = price;
    if (was === null || price === null || was === price) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const color = `var(--${price > was ? "up" : "down"}-soft)`;
    cell.current?.animate(
      [{ backgroundColor: color }, { backgroundColor: "transparent" }],
      FLASH_MS,
    );
  }, [price]);
  return cell;
}
