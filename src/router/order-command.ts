/** Writes a decoded order request into a command record (`core/command.ts`). */
import {
  C_ACCOUNT,
  C_ACTOR,
  C_AMOUNT_F64,
  C_HEAD,
  C_OPTIONS,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT_BYTE,
  COMMAND_BYTES,
  COMMAND_INTS,
  CommandKind,
  orderGeneration,
  orderSlot,
} from "../core/command.ts";
import { NOT_OF_FORM, NUMBER_MAX } from "../protocol/names.ts";
import { OrderMethod, type OrderRequest, TO_NO_QUANTITY } from "../protocol/order-request.ts";
import type { ControlCommand } from "./control.ts";
import type { InboundBatch } from "./inbound-ring.ts";
import { writeOperatorName } from "./operator-name.ts";

const KIND_OF_METHOD: Readonly<Record<number, number>> = {
  [OrderMethod.PLACE]: CommandKind.PLACE,
  [OrderMethod.CANCEL]: CommandKind.CANCEL,
  [OrderMethod.AMEND]: CommandKind.AMEND,
  [OrderMethod.CANCEL_ALL]: CommandKind.CANCEL_ALL,
};

/**
 * Writes the command into record `index`, which was just claimed and is all zeros. A symbol or order number without the
 * right form becomes a number that no symbol or order has.
 */
export function writeOrderCommand(
  batch: InboundBatch,
  index: number,
  request: OrderRequest,
  account: number,
  user: number,
): void {
  const ints = batch.ints;
  const c = index * COMMAND_INTS;
  // An amendment to a quantity of 0 is written as a CANCEL: in an AMEND, 0 tells the core to keep the quantity.
  const isToNothing = request.quantity === TO_NO_QUANTITY;
  ints[c + C_HEAD] =
    (isToNothing ? CommandKind.CANCEL : KIND_OF_METHOD[request.method]) |
    (request.side << 8) |
    (request.type << 16) |
    (request.timeInForce << 24);
  ints[c + C_OPTIONS] = request.selfTrade | (request.flags << 8);
  ints[c + C_ACCOUNT] = account;
  ints[c + C_SYMBOL] = request.symbol === NOT_OF_FORM ? NUMBER_MAX : request.symbol;
  ints[c + C_PRICE] = request.price;
  ints[c + C_QUANTITY] = isToNothing ? 0 : request.quantity;
  ints[c + C_STOP_PRICE] = request.stopPrice;
  ints[c + C_ACTOR] = user;
  batch.doubles[(c >> 1) + C_AMOUNT_F64] = request.expireAt;
  if (request.order > 0) {
    ints[c + C_ORDER_SLOT] = orderSlot(request.order);
    ints[c + C_ORDER_GENERATION] = orderGeneration(request.order);
  }
  const length = request.clientOrderIdLength;
  if (length !== 0) {
    const text = request.clientOrderId;
    const at = index * COMMAND_BYTES + C_TEXT_BYTE;
    for (let i = 0; i < length; i++) batch.bytes[at + i] = text[i];
  }
}

/** Writes a command of the exchange's own, whose text is ASCII and fits. */
export function writeControlCommand(
  batch: InboundBatch,
  index: number,
  command: ControlCommand,
): void {
  const { ints, doubles, bytes } = batch;
  const c = index * COMMAND_INTS;
  ints[c + C_HEAD] = command.kind;
  ints[c + C_OPTIONS] = (command.flags ?? 0) << 8;
  ints[c + C_ACCOUNT] = command.account ?? 0;
  ints[c + C_SYMBOL] = command.symbol ?? -1;
  ints[c + C_ORDER_SLOT] = command.orderSlot ?? 0;
  ints[c + C_ORDER_GENERATION] = command.orderGeneration ?? 0;
  ints[c + C_PRICE] = command.price ?? 0;
  ints[c + C_QUANTITY] = command.quantity ?? 0;
  ints[c + C_STOP_PRICE] = command.stopPrice ?? 0;
  ints[c + C_ACTOR] = command.actor ?? 0;
  doubles[(c >> 1) + C_AMOUNT_F64] = command.amount ?? 0;
  const text = command.text ?? "";
  const at = index * COMMAND_BYTES + C_TEXT_BYTE;
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  if (command.by !== undefined) writeOperatorName(bytes, index * COMMAND_BYTES, command);
}
