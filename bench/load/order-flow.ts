/**
 * The orders that a load connection sends. They are made before the measurement starts.
 *
 * A cycle of a connection is three rounds through its symbols. In the first two rounds it sends passive orders of one
 * lot, 1–5 increments from the middle price. In the third it sends orders of two lots that cross the middle price by 5
 * increments. So a third of the orders take liquidity, they take all that was added, and books stay small however long
 * the run is.
 *
 * A connection buys every second symbol and sells the others; the next connection does the opposite. So every symbol
 * has as many buyers as sellers, and no order meets another order of the same user.
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
 * At least the first `count` orders of the connection with number `connection`, from 0. The count is rounded up to
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
    // Connections start at different symbols, so that the load on the books is even.
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
 * At least `count` orders of one share that rest and are never filled. They are on both sides of every symbol, so far
 * from the middle price that no order of `orderFlow` reaches them.
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
