import { directionOf } from "../lib/change.tsx";
import { dollars, signedDollars } from "../lib/money.ts";
import { cash } from "./account.ts";
import { equity } from "./equity.ts";

/** Cash, and what all of it is worth. */
export function Balances() {
  const { value: all } = equity;
  const { value: holding } = cash;
  const money = (cents: number | undefined): string => (cents === undefined ? "–" : dollars(cents));
  return (
    <section class="card balances" aria-label="Balances">
      <dl>
        {all !== null && <Balance name="Equity" text={dollars(all.equity)} isMain />}
        {all !== null && (
          <Balance
            name="Today"
            text={all.day_change === null ? "–" : signedDollars(all.day_change)}
            direction={directionOf(all.day_change ?? 0)}
          />
        )}
        <Balance name="Cash available" text={money(holding?.available)} isMain={all === null} />
        <Balance name="In open orders" text={money(holding?.reserved)} />
        <Balance name="Cash in total" text={money(holding?.total)} />
      </dl>
    </section>
  );
}

interface BalanceProps {
  name: string;
  text: string;
  isMain?: boolean;
  direction?: "up" | "down" | "even";
}

function Balance({ name, text, isMain = false, direction = "even" }: BalanceProps) {
  return (
    <div class={isMain ? "balance main" : "balance"}>
      <dt>{name}</dt>
      <dd class={direction}>{text}</dd>
    </div>
  );
}
