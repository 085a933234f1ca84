/** An average price, rounded to cents. The tooltip has all decimals. */
import { averageDollars, dollars } from "./money.ts";

export function Average({ cents }: { cents: number }) {
  const [near, full] = [dollars(Math.round(cents)), averageDollars(cents)];
  return <span title={near === full ? undefined : full}>{near}</span>;
}
