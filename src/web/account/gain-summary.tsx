import { dollars } from "../lib/money.ts";
import { Balance } from "./balances.tsx";
import { equity } from "./equity.ts";
import { Gain } from "./positions.tsx";

/** The parts of the equity: what was paid in, gains, fees and shares. */
export function GainSummary() {
  const all = equity.value;
  if (all === null) return null;
  return (
    <section class="card balances" aria-label="Gains">
      <dl>
        <Balance name="Paid in" text={dollars(all.deposits)} />
        <Balance name="Realised, after fees" text={<Gain cents={all.realised} />} />
        <Balance name="Unrealised" text={<Gain cents={all.unrealised} />} />
        <Balance name="Fees paid" text={dollars(all.fees)} />
        <Balance name="Shares at the last prices" text={dollars(all.value)} />
      </dl>
    </section>
  );
}
