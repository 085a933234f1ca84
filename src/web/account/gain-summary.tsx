import { dollars } from "../lib/money.ts";
import { equity } from "./equity.ts";
import { Gain } from "./positions.tsx";

/** Where the equity comes from. */
export function GainSummary() {
  const all = equity.value;
  if (all === null) return null;
  return (
    <section class="card balances" aria-label="Gains">
      <dl>
        <div class="balance">
          <dt>Paid in</dt>
          <dd>{dollars(all.deposits)}</dd>
        </div>
        <div class="balance">
          <dt>Realised, after fees</dt>
          <dd>
            <Gain cents={all.realised} />
          </dd>
        </div>
        <div class="balance">
          <dt>Unrealised</dt>
          <dd>
            <Gain cents={all.unrealised} />
          </dd>
        </div>
        <div class="balance">
          <dt>Fees paid</dt>
          <dd>{dollars(all.fees)}</dd>
        </div>
        <div class="balance">
          <dt>Shares at the last prices</dt>
          <dd>{dollars(all.value)}</dd>
        </div>
      </dl>
    </section>
  );
}
