import type { ComponentChildren } from "preact";
import { type Direction, directionOf } from "../lib/change.tsx";
import { dollars, orDash, signedDollars } from "../lib/money.ts";
import { cash } from "./account.ts";
import { equity } from "./equity.ts";

/** The account's cash and equity. */
export function Balances() {
  const { value: all } = equity;
  const { value: holding } = cash;
  return (
    <section class="card balances" aria-label="Balances">
      <dl>
        {all !== null && <Balance name="Equity" text={dollars(all.equity)} isMain />}
        {all !== null && (
          <Balance
            name="Today"
            text={orDash(all.day_change, signedDollars)}
            direction={directionOf(all.day_change ?? 0)}
          />
        )}
        <Balance name="Cash available" text={orDash(holding?.available)} isMain={all === null} />
        <Balance name="In open orders" text={orDash(holding?.reserved)} />
        <Balance name="Cash in total" text={orDash(holding?.total)} />
      </dl>
    </section>
  );
}

interface BalanceProps {
  name: string;
  text: ComponentChildren;
  isMain?: boolean;
  direction?: Direction;
}

export function Balance({ name, text, isMain = false, direction = "even" }: BalanceProps) {
  return (
    <div class={isMain ? "balance main" : "balance"}>
      <dt>{name}</dt>
      <dd class={direction}>{text}</dd>
    </div>
  );
}
