/**
 * Reads the members of Sleeper's reply, a JSON object, one by one, with other work in between. Parsing the
 * whole reply at once would hold up trading for 80 ms, and a malicious reply for as long as its sender likes:
 * 64 MiB of brackets took 6 s and 5 GB.
 */
import { breathe } from "../lib/steps.ts";

const MEMBER_BYTES_MAX = 64 * 1024;
const MEMBERS_MAX = 100_000;
/** After so many bytes or members, about a millisecond of work, other work gets its turn. */
const BYTES_AT_ONCE_MAX = 128 * 1024;
const MEMBERS_AT_ONCE_MAX = 200;
/** Bytes of white space before and after the object. */
const SPACE_MAX = MEMBER_BYTES_MAX;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING = [0x7b, 0x5b];
const CLOSING = [0x7d, 0x5d];
const SPACES = [0x20, 0x09, 0x0a, 0x0d];

/** The reply is not what it should be. The message says what it is instead. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
}

/** The members by name. Throws `ReplyError`, perhaps after it has given some members. */
export async function* membersOf(json: Buffer): AsyncGenerator<[name: string, value: unknown]> {
  let members = 0;
  let turnEnd = BYTES_AT_ONCE_MAX;
  for (const [start, end] of memberPlaces(json)) {
    if (end > turnEnd || members % MEMBERS_AT_ONCE_MAX === MEMBERS_AT_ONCE_MAX - 1) {
      await breathe();
      turnEnd = end + BYTES_AT_ONCE_MAX;
    }
    if (end - start > MEMBER_BYTES_MAX) {
      throw new ReplyError(`a player of more than ${MEMBER_BYTES_MAX} bytes`);
    }
    if (++members > MEMBERS_MAX) throw new ReplyError(`more than ${MEMBERS_MAX} players`);
    yield parseMember(json.toString("utf8", start, end));
  }
}

/** Where each member begins and ends. A member that is too long is cut at `MEMBER_BYTES_MAX`. */
function* memberPlaces(json: Buffer): Generator<[start: number, end: number]> {
  const first = pastSpace(json, 0);
  if (json[first] !== OPENING[0]) throw notAnObject();
  let start = first + 1;
  if (CLOSING[0] === json[pastSpace(json, start)]) return assertEnd(json, pastSpace(json, start));
  let depth = 1;
  let isText = false;
  for (let at = start; at < json.length; at++) {
    const byte = json[at] as number;
    if (isText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) {
      isText = true;
    } else if (OPENING.includes(byte)) {
      depth++;
    } else if (CLOSING.includes(byte)) {
      depth--;
    }
    const isOver = depth === 0 || (depth === 1 && byte === COMMA && !isText);
    if (!isOver && at - start <= MEMBER_BYTES_MAX) continue;
    yield [start, at];
    if (depth === 0) return assertEnd(json, at);
    start = at + 1;
  }
  throw notAnObject();
}

function parseMember(text: string): [string, unknown] {
  try {
    const [member] = Object.entries<unknown>(JSON.parse(`{${text}}`));
    if (member !== undefined) return member;
  } catch {
    // Reported below.
  }
  throw notAnObject();
}

function assertEnd(json: Buffer, end: number): void {
  if (json[end] !== CLOSING[0] || pastSpace(json, end + 1) < json.length) throw notAnObject();
}

/** Index of the first byte from `at` on that is no white space, or that comes after `SPACE_MAX` bytes of it. */
function pastSpace(json: Buffer, at: number): number {
  const end = Math.min(json.length, at + SPACE_MAX);
  let i = at;
  while (i < end && SPACES.includes(json[i] as number)) i++;
  return i;
}

function notAnObject(): ReplyError {
  return new ReplyError("something that is not an object of players in JSON");
}
