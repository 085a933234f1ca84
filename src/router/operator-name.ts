/** The name of the operator who gave a command, and where in the record it stands (`OPERATOR_CHARACTERS_MAX`). */
import {
  C_ACCOUNT,
  C_HEAD,
  C_ORDER_SLOT,
  C_TEXT_BYTE,
  COMMAND_BYTES,
  CommandKind,
  OPERATOR_CHARACTERS_MAX,
} from "../core/command.ts";
import type { ControlCommand } from "./control.ts";

/** Kinds that do not read TEXT. */
const FREE_TEXT = new Set<number>([
  CommandKind.CANCEL_ALL,
  CommandKind.OPEN_ACCOUNT,
  CommandKind.DEPOSIT_CASH,
  CommandKind.DEPOSIT_SHARES,
  CommandKind.SET_ACCOUNT,
  CommandKind.SET_SHARES,
  CommandKind.SET_SYMBOL_STATE,
  CommandKind.SET_SYMBOL_RULES,
]);

/** A NOTE has the name in two parts. Where these begin in the record, in bytes, and how long the first is. */
const NOTE_FIRST_BYTE = C_ORDER_SLOT * 4;
const NOTE_FIRST_BYTES = 20;
const NOTE_SECOND_BYTE = 56;

/** Writes `command.by` into the record whose bytes begin at `at`. Throws for a kind that has no place for it. */
export function writeOperatorName(bytes: Uint8Array, at: number, command: ControlCommand): void {
  const place = expectRoomForName(command);
  const { by = "" } = command;
  for (let i = 0; i < by.length; i++) bytes[at + place(i)] = by.charCodeAt(i);
}

/** Gives the byte of the record at which character `i` of the name stands. Throws when the kind has no room for it. */
export function expectRoomForName({
  kind,
  account = 0,
  by,
}: ControlCommand): (i: number) => number {
  const place = placeOf(kind, account);
  if (place !== null) return place;
  throw new RangeError(
    `by = "${by}": a command of kind ${kind} has no room for an operator's name`,
  );
}

/** The name of the operator who gave the command; "" when there is none. */
export function readOperatorName(ints: Int32Array, c: number): string {
  const place = placeOf(ints[c + C_HEAD] & 255, ints[c + C_ACCOUNT]);
  if (place === null) return "";
  const bytes = new Uint8Array(ints.buffer, ints.byteOffset + c * 4, COMMAND_BYTES);
  let name = "";
  for (let i = 0; i < OPERATOR_CHARACTERS_MAX; i++) {
    const byte = bytes[place(i)];
    if (byte === 0) break;
    name += String.fromCharCode(byte);
  }
  return name;
}

/** Gives the byte of the record at which character `i` of the name stands. Null when the kind has no room for it. */
function placeOf(kind: number, account: number): ((i: number) => number) | null {
  if (kind === CommandKind.NOTE) return inNote;
  return FREE_TEXT.has(kind) || (kind === CommandKind.CANCEL && account === 0) ? inText : null;
}

const inText = (i: number): number => C_TEXT_BYTE + i;
const inNote = (i: number): number =>
  i < NOTE_FIRST_BYTES ? NOTE_FIRST_BYTE + i : NOTE_SECOND_BYTE + i - NOTE_FIRST_BYTES;
