/** The state of a player's ticket: its form, faults, and the order that it placed. */

import { computed, signal } from "@preact/signals";
import type { OrderState, Params } from "@waiver/client";
import { cash, positions } from "../account/account.ts";
import { market } from "../lib/exchange.ts";
import { plainDecimal } from "../lib/money.ts";
import { AccountLeft, inAccount, trading } from "../login/session.ts";
import type { Player } from "../market/players.ts";
import type { BookStore } from "../player/book-store.ts";
import { notify } from "../shell/notices.ts";
import { affordable, estimate, partOf } from "./estimate.ts";
import { feeRates } from "./fee-rates.ts";
import {
  checkForm,
  type Faults,
  type Field,
  hasPrice,
  localTime,
  type OrderForm,
  timesOf,
} from "./order-form.ts";
import { pickedPrice } from "./picked-price.ts";
import { type Outcome, placeOnce } from "./placing.ts";
import { faultsOf } from "./refusal-words.ts";

const DAY_MS = 24 * 3_600_000;

const EMPTY: OrderForm = {
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  price: "",
  stopPrice: "",
  quantity: "",
  expireAt: "",
  isPostOnly: false,
};

const FIELD_OF: Readonly<Partial<Record<keyof OrderForm, Field>>> = {
  price: "price",
  stopPrice: "stop_price",
  quantity: "quantity",
  expireAt: "expire_at",
  timeInForce: "time_in_force",
  isPostOnly: "post_only",
};

/** Whether an order is on its way. "unknown": the line was lost meanwhile. */
export type Placing = "no" | "yes" | "unknown";

export class TicketStore {
  readonly form = signal<OrderForm>(EMPTY);
  /**
   * The time in force that the user chose. An order type that does not have it gets another one; the choice
   * comes back with a type that has it.
   */
  #chosenTime = EMPTY.timeInForce;
  readonly faults = signal<Faults>({});
  readonly placing = signal<Placing>("no");
  /** The last order that was placed. */
  readonly placed = signal<OrderState | null>(null);
  readonly #player: Player;
  readonly #book: BookStore;
  readonly #stop: () => void;

  constructor(player: Player, book: BookStore) {
    this.#player = player;
    this.#book = book;
    const before = pickedPrice.peek();
    this.#stop = pickedPrice.subscribe((picked) => {
      if (picked === null || picked === before) return;
      const { type } = this.form.peek();
      this.change({
        price: plainDecimal(picked.price),
        // A type without a price has no field for it, so the type becomes LIMIT.
        ...(!hasPrice(type) && { type: "LIMIT" }),
      });
    });
  }

  /**
   * The estimated cost or proceeds of the order, from the form and the book; null while the form has faults.
   */
  readonly estimate = computed(() => {
    const checked = this.#check();
    if ("faults" in checked) return null;
    const { side, price, quantity, stop_price, time_in_force } = checked.params;
    const book = this.#book.book.value;
    // A stop trades later, with another book than the shown one.
    if (stop_price !== undefined) {
      const sent = { side, price: price ?? stop_price, quantity, rests: true };
      return estimate(sent, [], feeRates.value);
    }
    const rests = time_in_force === "GTC" || time_in_force === "GTD";
    const opposite = (side === "BUY" ? book?.asks : book?.bids) ?? [];
    return estimate({ side, price, quantity, rests }, opposite, feeRates.value);
  });

  /** Available cash for a purchase, available shares for a sale. */
  readonly available = computed(() => {
    const { side } = this.form.value;
    if (side === "BUY") return cash.value?.available ?? 0;
    return positions.value.get(this.#player.info.symbol)?.available ?? 0;
  });

  /** Changes values of the form. The faults of changed fields are removed. */
  change(part: Partial<OrderForm>): void {
    const before = this.form.peek();
    const form = { ...before, ...part };
    const times = timesOf(form.type);
    this.#chosenTime = part.timeInForce ?? this.#chosenTime;
    const timeInForce = times.includes(this.#chosenTime) ? this.#chosenTime : (times[0] ?? "GTC");
    // Only then: a date that is being typed is empty, too.
    const getsDate = timeInForce === "GTD" && before.timeInForce !== "GTD" && form.expireAt === "";
    const expireAt = getsDate ? localTime(market.now() + DAY_MS) : form.expireAt;
    this.form.value = { ...form, timeInForce, expireAt };
    const { form: _, ...faults } = this.faults.peek();
    for (const name of Object.keys(part) as (keyof OrderForm)[]) {
      const field = FIELD_OF[name];
      if (field !== undefined) delete faults[field];
    }
    this.faults.value = faults;
    this.placed.value = null;
  }

  /** Fills in the quantity that is `percent` of what is available. */
  takePercent(percent: number): void {
    const { side } = this.form.peek();
    const available = this.available.peek();
    if (side === "SELL") {
      this.change({ quantity: String(partOf(available, percent)) });
      return;
    }
    const price = this.#priceToPay();
    if (price === null) {
      this.faults.value = { ...this.faults.peek(), quantity: "There is no price to count with" };
      return;
    }
    const quantity = affordable(available, percent, price, feeRates.peek());
    this.change({ quantity: String(quantity) });
  }

  /** Places the order of the form. Does nothing while another order is on its way. */
  async submit(): Promise<void> {
    if (trading.peek() === null || this.placing.peek() !== "no") return;
    const checked = this.#check();
    if ("faults" in checked) {
      this.faults.value = checked.faults;
      return;
    }
    this.faults.value = {};
    this.placed.value = null;
    this.placing.value = "yes";
    const sent = this.form.peek();
    const outcome = await this.#place(checked.params);
    if (outcome === null) return;
    this.placing.value = "no";
    this.#show(outcome);
    // If the user has typed meanwhile, that is the next order and stays.
    if ("order" in outcome && this.form.peek() === sent)
      this.form.value = { ...sent, quantity: "" };
  }

  close(): void {
    this.#stop();
  }

  /** Places an order in the account that the page is in. Null when the page has left it: its ticket is gone, so a notice says so. */
  async #place(params: Params<"order.place">): Promise<Outcome | null> {
    try {
      return await inAccount(async (client) => {
        const outcome = await placeOnce(client, params, () => {
          this.placing.value = "unknown";
        });
        if ("error" in outcome) throw outcome.error;
        return outcome;
      });
    } catch (error) {
      if (!(error instanceof AccountLeft)) return { error };
      notify(error.message, "fault");
      return null;
    }
  }

  #show(outcome: Outcome): void {
    if ("order" in outcome) {
      this.placed.value = outcome.order;
    } else if ("error" in outcome) {
      this.faults.value = faultsOf(outcome.error);
    } else {
      this.faults.value = { form: "The order did not reach the exchange; nothing was placed" };
    }
  }

  #check() {
    return checkForm(this.form.value, this.#rules());
  }

  #priceToPay(): number | null {
    const { type, price, stopPrice } = this.form.peek();
    const typed = type === "STOP" ? stopPrice : price;
    if (type !== "MARKET") {
      const checked = checkForm({ ...EMPTY, price: typed, quantity: "1" }, this.#rules());
      if ("params" in checked) return checked.params.price ?? null;
    }
    return this.#book.book.peek()?.asks[0]?.[0] ?? null;
  }

  #rules() {
    const { symbol, price_increment: increment } = this.#player.info;
    return { symbol, increment, now: market.now() };
  }
}
