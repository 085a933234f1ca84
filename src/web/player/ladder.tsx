/** The order book: asks above, bids below, the best next to each other. */

import type { Level } from "@waiver/client";
import { decimal, shares } from "../lib/money.ts";
import type { Player } from "../market/players.ts";
import { pickPrice } from "../ticket/picked-price.ts";
import type { BookStore } from "./book-store.ts";
import { ownLevels } from "./own-levels.ts";

interface Row {
  readonly price: number;
  readonly quantity: number;
  /** Shares of this level and of all better ones. */
  readonly total: number;
}

const LEVELS = 20;

export function Ladder({ player, store }: { player: Player; store: BookStore }) {
  const { symbol } = player.info;
  const book = store.book.value;
  const asks = rowsOf(book?.asks ?? []);
  const bids = rowsOf(book?.bids ?? []);
  const deepest = Math.max(asks.at(-1)?.total ?? 0, bids.at(-1)?.total ?? 0, 1);
  const own = ownLevels(symbol);
  return (
    <section class="card ladder" aria-label="Order book">
      <div class="card-head">
        <h2>Order book</h2>
        <span role="status" aria-label="State of the order book">
          {book !== null && !book.isLive && <span class="state-tag">Not up to date</span>}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows move between the levels, which are buttons */}
      <div onKeyDown={moveFocus}>
        <div class="ladder-head" aria-hidden="true">
          <span>Price</span>
          <span>Shares</span>
          <span>Total</span>
        </div>
        <Side name="Asks" rows={asks.toReversed()} {...{ deepest, own }} best={asks[0]?.price} />
        <Spread bid={bids[0]?.price} ask={asks[0]?.price} />
        <Side name="Bids" rows={bids} {...{ deepest, own }} best={bids[0]?.price} />
      </div>
    </section>
  );
}

function rowsOf(levels: readonly Level[]): Row[] {
  let total = 0;
  return levels.slice(0, LEVELS).map(([price, quantity]) => {
    total += quantity;
    return { price, quantity, total };
  });
}

interface SideProps {
  name: "Asks" | "Bids";
  rows: readonly Row[];
  deepest: number;
  own: ReadonlyMap<number, number>;
  best: number | undefined;
}

function Side({ name, rows, deepest, own, best }: SideProps) {
  return (
    <ul class="ladder-side" data-side={name === "Bids" ? "bid" : "ask"} aria-label={name}>
      {rows.map(({ price, quantity, total }) => {
        const mine = own.get(price);
        return (
          <li key={price} {...(mine !== undefined && { "data-own": "" })}>
            <button
              type="button"
              tabIndex={price === best ? 0 : -1}
              onClick={() => pickPrice(price)}
            >
              <span class="bar" style={{ transform: `scaleX(${total / deepest})` }} />
              <span class="level-price">{decimal(price)}</span>
              <span>
                {mine !== undefined && (
                  <span class="own-mark" title={`${shares(mine)} of them yours`}>
                    <span aria-hidden="true">◆</span>
                    <span class="unseen">yours: {shares(mine)} of</span>
                  </span>
                )}
                {shares(quantity)}
              </span>
              <span class="level-total">{shares(total)}</span>
            </button>
          </li>
        );
      })}
      {rows.length === 0 && <li class="ladder-none">No {name.toLowerCase()}</li>}
    </ul>
  );
}

function Spread({ bid, ask }: { bid: number | undefined; ask: number | undefined }) {
  const isBoth = bid !== undefined && ask !== undefined;
  return (
    <p class="spread">
      Spread <strong>{isBoth ? decimal(Math.max(0, ask - bid)) : "–"}</strong>
    </p>
  );
}

/** Moves the focus up and down between the levels, through both sides. */
function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const levels = [...event.currentTarget.querySelectorAll("button")];
  const at = levels.indexOf(document.activeElement as HTMLButtonElement);
  const next = levels[at + step];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
