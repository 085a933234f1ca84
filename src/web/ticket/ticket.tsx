import type { SymbolState } from "../lib/exchange.ts";
import { ChoiceField, PriceField, TextField } from "../lib/field.tsx";
import { counted, dollars, orDash } from "../lib/money.ts";
import { submits } from "../lib/submits.ts";
import { useStore } from "../lib/use-store.ts";
import { lineWord } from "../line/line.ts";
import { namedAccount } from "../login/account-choice.tsx";
import { session } from "../login/session.ts";
import type { Player } from "../market/players.ts";
import type { BookStore } from "../player/book-store.ts";
import {
  hasPrice,
  hasStopPrice,
  type OrderType,
  type Side,
  stopHint,
  type TimeInForce,
  takesPostOnly,
  timesOf,
} from "./order-form.ts";
import { outcomeText } from "./outcome-words.ts";
import { TICKET_ID } from "./picked-price.ts";
import { TicketStore } from "./ticket-store.ts";

const TYPES: readonly { value: OrderType; text: string }[] = [
  { value: "LIMIT", text: "Limit" },
  { value: "MARKET", text: "Market" },
  { value: "STOP", text: "Stop" },
  { value: "STOP_LIMIT", text: "Stop limit" },
];
const TIMES: Readonly<Record<TimeInForce, string>> = {
  GTC: "Good till cancelled",
  GTD: "Good till a date",
  IOC: "Immediate or cancel",
  FOK: "Fill or kill",
};
const PERCENTS = [25, 50, 75, 100];

export function Ticket({ player, book }: { player: Player; book: BookStore }) {
  const store = useStore(() => new TicketStore(player, book), player.info.symbol);
  const { price_increment: increment } = player.info;
  const form = store.form.value;
  const faults = store.faults.value;
  const isLoggedIn = session.value != null;
  return (
    <section class="card ticket" id={TICKET_ID} aria-label="Order ticket">
      <form noValidate onSubmit={submits(() => store.submit())}>
        <StateNote state={player.state.value} />
        <Sides side={form.side} onSide={(side) => store.change({ side })} />
        <div class="field-pair">
          <ChoiceField
            label="Order type"
            value={form.type}
            choices={TYPES}
            onValue={(type) => store.change({ type })}
          />
          <ChoiceField
            label="Time in force"
            value={form.timeInForce}
            choices={timesOf(form.type).map((value) => ({ value, text: TIMES[value] }))}
            onValue={(timeInForce) => store.change({ timeInForce })}
            fault={faults.time_in_force}
          />
        </div>
        {hasStopPrice(form.type) && (
          <PriceField
            label="Stop price"
            increment={increment}
            value={form.stopPrice}
            onValue={(stopPrice) => store.change({ stopPrice })}
            fault={faults.stop_price}
            hint={stopHint(form, player.ticker.value?.last ?? null)}
          />
        )}
        {hasPrice(form.type) && (
          <PriceField
            label="Price"
            increment={increment}
            value={form.price}
            onValue={(price) => store.change({ price })}
            fault={faults.price}
          />
        )}
        {form.timeInForce === "GTD" && (
          <TextField
            label="Expires"
            type="datetime-local"
            value={form.expireAt}
            onValue={(expireAt) => store.change({ expireAt })}
            fault={faults.expire_at}
          />
        )}
        <TextField
          label="Quantity"
          inputMode="numeric"
          autocomplete="off"
          value={form.quantity}
          onValue={(quantity) => store.change({ quantity })}
          fault={faults.quantity}
        >
          <span class="unit">shares</span>
        </TextField>
        {isLoggedIn && <Percents store={store} />}
        {takesPostOnly(form) && (
          <label class="check">
            <input
              type="checkbox"
              checked={form.isPostOnly}
              onChange={(event) => store.change({ isPostOnly: event.currentTarget.checked })}
            />
            Post only
            <span class="muted">refused if it would trade at once</span>
          </label>
        )}
        <Summary store={store} />
        {isLoggedIn ? (
          <button
            type="submit"
            class="button place"
            data-side={form.side}
            aria-disabled={store.placing.value !== "no"}
          >
            Place order
          </button>
        ) : (
          <p class="ticket-note">To trade, log in above.</p>
        )}
        <div class="ticket-outcome" aria-live="polite">
          <Outcome store={store} />
        </div>
      </form>
    </section>
  );
}

/** Says what happens to an order while the symbol does not trade as usual. */
function StateNote({ state }: { state: SymbolState }) {
  if (state === "TRADING") return null;
  const isGathering = state === "AUCTION" || state === "PRE_OPEN";
  return (
    <p class="field-hint">
      {isGathering
        ? "Orders gather now, and trade together at the opening."
        : "Trading is stopped: orders can only be cancelled."}
    </p>
  );
}

function Sides({ side, onSide }: { side: Side; onSide: (side: Side) => void }) {
  return (
    <fieldset class="sides">
      <legend class="unseen">Side</legend>
      <button
        type="button"
        data-side="BUY"
        aria-pressed={side === "BUY"}
        onClick={() => onSide("BUY")}
      >
        Buy
      </button>
      <button
        type="button"
        data-side="SELL"
        aria-pressed={side === "SELL"}
        onClick={() => onSide("SELL")}
      >
        Sell
      </button>
    </fieldset>
  );
}

function Percents({ store }: { store: TicketStore }) {
  const of = store.form.value.side === "BUY" ? "cash" : "shares";
  return (
    <fieldset class="percents">
      <legend class="unseen">Part of the {of}</legend>
      {PERCENTS.map((percent) => (
        <button key={percent} type="button" onClick={() => store.takePercent(percent)}>
          {percent === 100 ? "Max" : `${percent}%`}
        </button>
      ))}
    </fieldset>
  );
}

/** The estimated cost, and the cash that would be left. */
function Summary({ store }: { store: TicketStore }) {
  const { side } = store.form.value;
  const estimate = store.estimate.value;
  const available = store.available.value;
  const isLoggedIn = session.value != null;
  const account = namedAccount();
  const isBuy = side === "BUY";
  const left = estimate === null ? undefined : available - estimate.notional - estimate.fee;
  return (
    <dl class="summary">
      {account !== undefined && <Line name="Account" text={account} />}
      {isLoggedIn && (
        <Line name="Available" text={isBuy ? dollars(available) : counted(available, "share")} />
      )}
      <Line
        name={isBuy ? "Estimated cost" : "Estimated proceeds"}
        text={orDash(estimate?.notional)}
      />
      <Line name="Estimated fee" text={orDash(estimate?.fee)} />
      {isLoggedIn && isBuy && (
        <Line name="Cash left" text={orDash(left)} isShort={left !== undefined && left < 0} />
      )}
      {estimate !== null && estimate.missing > 0 && (
        <p class="field-hint">
          No order in the book for {counted(estimate.missing, "share")} of these.
        </p>
      )}
    </dl>
  );
}

function Line({ name, text, isShort = false }: { name: string; text: string; isShort?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isShort ? "down" : ""}>{text}</dd>
    </div>
  );
}

function Outcome({ store }: { store: TicketStore }) {
  if (store.placing.value === "unknown") {
    return (
      <p class="field-hint">
        The line was lost on the way. Whether the order is in is asked as soon as it is back; it is
        not placed twice.
      </p>
    );
  }
  if (store.placing.value === "yes" && lineWord.value === "Offline") {
    return (
      <p class="field-hint">
        The exchange cannot be reached. The order goes out if it can be within seconds, and not
        later.
      </p>
    );
  }
  const fault = store.faults.value.form;
  if (fault !== undefined) return <p class="field-fault">{fault}</p>;
  const placed = store.placed.value;
  return placed === null ? null : <p class="placed">{outcomeText(placed)}</p>;
}
