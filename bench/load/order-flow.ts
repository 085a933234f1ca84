/**
 * The orders that a load connection sends, decided before the clock starts.
 *
 * Every connection goes round its symbols and takes three rounds a cycle: two passive orders of one
 * lot, 1–5 increments from the middle, then one order of two lots that crosses up to 5 increments
 * beyond it. So a third of the orders take liquidity, all of it is taken in the end, and books stay
 * small whatever the length of the run.
 *
 * A connection only buys the symbols of one parity and only sells the others, its neighbour the other
 * way round: as many buyers as sellers a symbol, and nobody ever meets their own order.
 */

const MIDDLE_PRICE = 5_000;
const LOT = 10;
const DEPTH = 5;
const ROUNDS_A_CYCLE = 3;

export interface FlowOrder {
  symbol: string;
  side: "BUY" | "SELL";
  quantity: number;
  price: number;
}

/**
 * The first `count` or more orders of a connection (by its number from 0): the count is rounded up to
 * whole cycles, so that the list can be sent again and again.
 */
export function orderFlow(
  connection: number,
  symbols: readonly string[],
  count: number,
): FlowOrder[] {
  const cycleOrders = symbols.length * ROUNDS_A_CYCLE;
  const cycles = Math.ceil(count / cycleOrders);
  const orders: FlowOrder[] = [];
  for (let index = 0; index < cycles * cycleOrders; index++) {
    // Neighbours of one parity start at different symbols, so that books are touched evenly.
    const symbolIndex = (index + connection * ROUNDS_A_CYCLE) % symbols.length;
    const round = Math.floor(index / symbols.length) % ROUNDS_A_CYCLE;
    const crosses = round === ROUNDS_A_CYCLE - 1;
    const buys = (symbolIndex + connection) % 2 === 0;
    const distance = crosses ? -DEPTH : 1 + ((index * 7 + connection) % DEPTH);
    orders.push({
      symbol: symbols[symbolIndex],
      side: buys ? "BUY" : "SELL",
      quantity: crosses ? 2 * LOT : LOT,
      price: MIDDLE_PRICE + (buys ? -distance : distance),
    });
  }
  return orders;
}

const REST_DISTANCE = 1_000;
const REST_LEVELS = 200;

/**
 * As many orders or more of one share each that rest for good: on both sides of every symbol, so far from
 * the middle that no order of `orderFlow` reaches them.
 */
export function restingFlow(
  connection: number,
  symbols: readonly string[],
  count: number,
): FlowOrder[] {
  const cycleOrders = symbols.length * 2 * REST_LEVELS;
  const cycles = Math.ceil(count / cycleOrders);
  return Array.from({ length: cycles * cycleOrders }, (_, index) => {
    const round = Math.floor(index / symbols.length);
    const buys = round % 2 === 0;
    const distance = REST_DISTANCE + ((round >> 1) % REST_LEVELS);
    return {
      symbol: symbols[(index + connection) % symbols.length],
      side: buys ? "BUY" : "SELL",
      quantity: 1,
      price: MIDDLE_PRICE + (buys ? -distance : distance),
    };
  });
}
