/**
 * Makes a function that calls `read` once in a turn of the event loop, and gives the same value until the turn is over.
 * It is for clocks: all frames and requests that a turn hands over came at the same time, and to ask the clock for each
 * of them takes 70 ns an order.
 */
export function oncePerTurn<Value>(read: () => Value): () => Value {
  let value: Value;
  let isOfThisTurn = false;
  const onTurn = (): void => {
    isOfThisTurn = false;
  };
  return () => {
    if (!isOfThisTurn) {
      value = read();
      isOfThisTurn = true;
      setImmediate(onTurn);
    }
    return value;
  };
}
