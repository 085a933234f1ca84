/** Random order requests. Most of them are valid, and their members stand in any order. */
import fc from "fast-check";
import { ORDER_TYPES, SELF_TRADE_MODES, SIDES, TIMES_IN_FORCE } from "../../src/protocol/names.ts";

const price = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 0x7fff_ffff }));
const name = (prefix: string) =>
  fc.oneof(
    fc.nat(5000).map((n) => `${prefix}${n}`),
    fc.maxSafeNat().map((n) => `${prefix}${n}`),
    fc.constantFrom(`${prefix}01`, `${prefix}+1`, `${prefix}`, "x", `${prefix}9007199254740993`),
  );
const clientOrderId = fc.stringMatching(/^[!#-[\]-~]{1,64}$/);
const id = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.string({ maxLength: 64 }));

const limited = { type: fc.constantFrom("LIMIT", "STOP_LIMIT"), price };
const options = {
  time_in_force: fc.constantFrom(...TIMES_IN_FORCE),
  post_only: fc.boolean(),
  client_order_id: clientOrderId,
  account_id: name("acc_"),
  self_trade_prevention: fc.constantFrom(...SELF_TRADE_MODES),
  stop_price: price,
  expire_at: fc.maxSafeNat(),
};
const order = { symbol: name("SYMBOL_"), side: fc.constantFrom(...SIDES), quantity: price };
const needed = ["symbol", "side", "type", "quantity"] as const;

/** Mostly valid values. The rules between fields may be broken. */
const placeParams = fc.oneof(
  fc.record({ ...order, ...limited, ...options }, { requiredKeys: [...needed, "price"] }),
  fc.record(
    { ...order, type: fc.constantFrom(...ORDER_TYPES), price, ...options },
    { requiredKeys: [...needed] },
  ),
);
const cancelParams = fc.record(
  { order_id: name("ord_"), client_order_id: clientOrderId, symbol: name("SYMBOL_") },
  { requiredKeys: [] },
);
const amendParams = fc.record(
  {
    order_id: name("ord_"),
    client_order_id: clientOrderId,
    price,
    quantity: price,
    stop_price: price,
  },
  { requiredKeys: [] },
);
const message = fc
  .oneof(
    fc.record({ method: fc.constant("order.place"), params: placeParams }),
    fc.record({ method: fc.constant("order.cancel"), params: cancelParams }),
    fc.record({ method: fc.constant("order.amend"), params: amendParams }),
  )
  .chain((request) =>
    fc.record({ ...constants(request), id }, { requiredKeys: ["method", "params"] }),
  );

function constants(request: { method: string; params: object }) {
  return { method: fc.constant(request.method), params: fc.constant(request.params) };
}

/** The members of the message and of its params, in random order. */
export const shuffled = message.chain((request) =>
  shuffledObject(request.params).chain((params) => shuffledObject({ ...request, params })),
);

function shuffledObject(object: object): fc.Arbitrary<object> {
  const entries = Object.entries(object);
  return fc
    .shuffledSubarray(entries, { minLength: entries.length })
    .map((mixed) => Object.fromEntries(mixed));
}

/** Breaks the message in one place: a wrong value or a wrong name. */
export const spoilt = fc
  .tuple(
    shuffled,
    fc.constantFrom("price", "quantity", "side", "symbol", "order_id", "post_only", "extra"),
    fc.oneof(
      fc.constantFrom<unknown>(0, -1, -0, 1.5, 2 ** 31, 2 ** 53, "", "x".repeat(33), null, true),
      fc.anything({ maxDepth: 1 }),
    ),
  )
  .map(([request, member, value]) => {
    const params = (request as { params: object }).params;
    return { ...request, params: { ...params, [member]: value } };
  });
