import type { SeededRandom } from "./load-generator.ts";

/**
 * Encodes a value as MessagePack in a form chosen at random: any order of members, any width of
 * integer, whole numbers as floats, text as `str` of any width or as `bin`, wide maps and arrays.
 * Every form means the same message.
 */
export function encodeInSomeForm(value: unknown, random: SeededRandom): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  write(value, random, out);
  return new Uint8Array(out);
}

function write(value: unknown, random: SeededRandom, out: number[]): void {
  if (typeof value === "string") writeText(value, random, out, TEXT_FORMS + BYTE_FORMS);
  else if (typeof value === "number") writeWhole(value, random, out);
  else if (typeof value === "boolean") out.push(value ? 0xc3 : 0xc2);
  else if (Array.isArray(value)) {
    writeHead(value.length, [0x90, 15], [0xdc, 0xdd], random, out);
    for (const item of value) write(item, random, out);
  } else {
    const members = shuffled(Object.entries(value as object), random);
    writeHead(members.length, [0x80, 15], [0xde, 0xdf], random, out);
    for (const [name, member] of members) {
      writeText(name, random, out, TEXT_FORMS);
      write(member, random, out);
    }
  }
}

function shuffled<Item>(items: readonly Item[], random: SeededRandom): Item[] {
  return items
    .map((item) => ({ item, at: random.below(1 << 30) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** The length in the short form if it fits and the random choice says so, otherwise in 16 or 32 bits. */
function writeHead(
  length: number,
  [short, short_max]: readonly [number, number],
  [wide, widest]: readonly [number, number],
  random: SeededRandom,
  out: number[],
): void {
  const form = random.below(3);
  if (form === 0 && length <= short_max) out.push(short | length);
  else if (form <= 1) out.push(wide, ...bigEndian(length, 2));
  else out.push(widest, ...bigEndian(length, 4));
}

/** Names of members are `str`. Values may be `bin` too. */
const TEXT_FORMS = 4;
const BYTE_FORMS = 3;

function writeText(text: string, random: SeededRandom, out: number[], forms: number): void {
  const bytes = new TextEncoder().encode(text);
  const form = random.below(forms);
  if (form === 0 && bytes.length <= 31) out.push(0xa0 | bytes.length);
  else if (form <= 1) out.push(0xd9, bytes.length);
  else if (form === 2) out.push(0xda, ...bigEndian(bytes.length, 2));
  else if (form === 3) out.push(0xdb, ...bigEndian(bytes.length, 4));
  else if (form === 4) out.push(0xc4, bytes.length);
  else if (form === 5) out.push(0xc5, ...bigEndian(bytes.length, 2));
  else out.push(0xc6, ...bigEndian(bytes.length, 4));
  out.push(...bytes);
}

/** Forms of a non-negative whole number: [first byte, bytes that follow, largest value]. */
const INTEGERS: readonly [number, number, number][] = [
  [0xcc, 1, 0xff],
  [0xcd, 2, 0xffff],
  [0xce, 4, 0xffff_ffff],
  [0xcf, 8, Number.MAX_SAFE_INTEGER],
  [0xd0, 1, 0x7f],
  [0xd1, 2, 0x7fff],
  [0xd2, 4, 0x7fff_ffff],
  [0xd3, 8, Number.MAX_SAFE_INTEGER],
];

function writeWhole(value: number, random: SeededRandom, out: number[]): void {
  const fitting = INTEGERS.filter(([, , largest]) => value <= largest);
  const form = random.below(fitting.length + 3);
  const integer = fitting[form];
  if (integer !== undefined) {
    out.push(integer[0], ...bigEndian(value, integer[1]));
  } else if (form === fitting.length && value <= 0x7f) {
    out.push(value);
  } else if (form === fitting.length + 1 && Math.fround(value) === value) {
    const float = new DataView(new ArrayBuffer(4));
    float.setFloat32(0, value);
    out.push(0xca, ...new Uint8Array(float.buffer));
  } else {
    const float = new DataView(new ArrayBuffer(8));
    float.setFloat64(0, value);
    out.push(0xcb, ...new Uint8Array(float.buffer));
  }
}

function bigEndian(value: number, width: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (let index = 0; index < width; index++) {
    bytes.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  }
  return bytes;
}
