/** The answer of the bare servers to every order. It is as long as the exchange's own answer. */
export const ACKNOWLEDGEMENT = {
  order_id: "ord_2147483649",
  symbol: "SYMBOL_12",
  side: "BUY",
  type: "LIMIT",
  time_in_force: "GTC",
  price: 5000,
  quantity: 10,
  filled_quantity: 0,
  status: "ACCEPTED",
  created_at: 1_700_000_000_000,
  timestamp: 1_700_000_000_000,
  tick: 100_000,
};
