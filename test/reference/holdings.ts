/** What accounts hold at the end of a tick, for every account that the tick's events mention. */
import type { ExchangeEvent, HoldingEvent, OrderView } from "./exchange-event.ts";
import type { State } from "./state.ts";

/**
 * First the cash of each account, then the shares, each in the order in which the tick's events first mention
 * them.
 */
export function holdingsOf({ ledger, told }: State): HoldingEvent[] {
  const accounts = new Set<number>();
  const positions = new Map<string, { account: number; symbol: number }>();
  const addPosition = (account: number, symbol: number): void => {
    positions.set(`${account} ${symbol}`, { account, symbol });
  };
  const addOrder = ({ account, symbol }: OrderView): void => {
    accounts.add(account);
    addPosition(account, symbol);
  };
  const add = (event: ExchangeEvent): void => {
    if (event.event === "ORDER" && !event.duplicate && !event.unchanged) addOrder(event);
    if (event.event === "TRADE") {
      addOrder(event.taker);
      addOrder(event.maker);
      // The operator's account receives the fees.
      accounts.add(0);
    }
    if (event.event === "DONE" && ledger.exists(event.account)) {
      const { account, symbol } = event;
      accounts.add(account);
      if (symbol >= 0 && ledger.of(account).shares.has(symbol)) addPosition(account, symbol);
    }
  };
  for (const event of told) add(event);
  return [
    ...[...accounts].map(
      (account) => ({ event: "CASH", account, ...ledger.of(account).cash.view() }) as const,
    ),
    ...[...positions.values()].map(({ account, symbol }) => {
      const { available, reserved } = ledger.position(account, symbol).view();
      return { event: "POSITION", account, symbol, available, reserved } as const;
    }),
  ];
}
