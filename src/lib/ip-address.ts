/** Addresses of the Internet Protocol, and networks of them. IPv4 in IPv6's form (`::ffff:1.2.3.4`) is IPv4. */

/** 16 bytes: IPv6, or IPv4 behind the prefix `::ffff:0:0/96`. */
export type IpAddress = Uint8Array;

export interface Network {
  readonly address: IpAddress;
  /** Leading bits that count, of 128. */
  readonly bits: number;
}

const BYTES = 16;
/** Where IPv4 stands in an address. */
const IPV4_BYTE = 12;
const IPV4_BITS = 8 * IPV4_BYTE;

/** Null when the text is no address. A zone (`%eth0`) is left out. */
export function parseIpAddress(text: string): IpAddress | null {
  const address = new Uint8Array(BYTES);
  if (!text.includes(":")) return readIpv4(text, address) ? address : null;
  const zone = text.indexOf("%");
  return readIpv6(zone === -1 ? text : text.slice(0, zone), address) ? address : null;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address; null when the text is neither. */
export function parseNetwork(text: string): Network | null {
  const [host = "", length, ...more] = text.split("/");
  const address = host.includes("%") ? null : parseIpAddress(host);
  if (address === null || more.length > 0) return null;
  if (length === undefined) return { address, bits: 8 * BYTES };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  // Of an IPv4 address in IPv6's form, the length counts as IPv6's.
  const all = host.includes(":") ? bits : IPV4_BITS + bits;
  return all <= 8 * BYTES ? { address, bits: all } : null;
}

export function isInNetwork(address: IpAddress, network: Network): boolean {
  for (let i = 0, bits = network.bits; bits > 0; i++, bits -= 8) {
    const mask = bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
    if (((address[i] as number) ^ (network.address[i] as number)) & mask) return false;
  }
  return true;
}

export function isIpv4(address: IpAddress): boolean {
  for (let i = 0; i < IPV4_BYTE; i++) {
    if (address[i] !== (i < 10 ? 0 : 0xff)) return false;
  }
  return true;
}

/** One text for one address: `1.2.3.4`, or eight groups. */
export function ipAddressText(address: IpAddress): string {
  return isIpv4(address) ? address.subarray(IPV4_BYTE).join(".") : groupsOf(address, 8);
}

/** The networks of a site of IPv6 count as the addresses 0 to this one. */
const LAST_OF_SITE = 15;

/**
 * The text of what counts as one address in every limit. An IPv4 address does, and so does an IPv6 network of 64 bits:
 * nobody is given less. But a household is given 256 of these networks, and whoever asks for it a site of 65,536 (48
 * bits). So all networks of a site together count as 16 addresses at most, and each network is always the same one of
 * these. Text that is no address is returned as it is.
 */
export function networkOf(text: string): string {
  const address = parseIpAddress(text);
  if (address === null) return text;
  if (isIpv4(address)) return ipAddressText(address);
  return `${groupsOf(address, 3)}/${placeInSite(address[6] as number, address[7] as number)}`;
}

/**
 * Which of its site's addresses a network counts as. `high` and `low` are the two bytes after the site's. All of their
 * bits count, because often only some of them vary.
 */
export function placeInSite(high: number, low: number): number {
  const folded = high ^ low;
  return (folded ^ (folded >> 4)) & LAST_OF_SITE;
}

/** The site of an IPv6 address: the network of 48 bits that one holder is given as a whole. Null for any other text. */
export function siteOf(text: string): string | null {
  const address = parseIpAddress(text);
  return address === null || isIpv4(address) ? null : groupsOf(address, 3);
}

function groupsOf(address: IpAddress, count: number): string {
  const groups: string[] = [];
  for (let i = 0; i < 2 * count; i += 2) {
    groups.push((((address[i] as number) << 8) | (address[i + 1] as number)).toString(16));
  }
  return groups.join(":");
}

/** Reads IPv4 into the last four bytes, after the prefix of IPv4-mapped addresses; false when `text` is none. */
function readIpv4(text: string, address: IpAddress): boolean {
  const parts = text.split(".");
  if (parts.length !== 4) return false;
  for (const [i, part] of parts.entries()) {
    // Some programs read a number with a leading zero as octal.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 0xff) return false;
    address[IPV4_BYTE + i] = Number(part);
  }
  address.fill(0xff, 10, IPV4_BYTE);
  return true;
}

function readIpv6(text: string, address: IpAddress): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const head = groups(halves[0] as string, halves.length === 1);
  const tail = groups(halves[1] ?? "", true);
  if (head === null || tail === null) return false;
  const left = 8 - head.length - tail.length;
  // `::` stands for one group at least.
  if (halves.length === 1 ? left !== 0 : left < 1) return false;
  const all = [...head, ...new Array<number>(left).fill(0), ...tail];
  for (const [i, group] of all.entries()) {
    address[2 * i] = group >> 8;
    address[2 * i + 1] = group & 0xff;
  }
  return true;
}

/**
 * The groups of half an address, split at `::`. At the end of the address the last two may be written as IPv4. Null
 * when a part is no group.
 */
function groups(text: string, isEnd: boolean): number[] | null {
  if (text === "") return [];
  const values: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      values.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = new Uint8Array(BYTES);
    if (!isEnd || i !== parts.length - 1 || !readIpv4(part, ipv4)) return null;
    const [a, b, c, d] = ipv4.subarray(IPV4_BYTE) as unknown as [number, number, number, number];
    values.push((a << 8) | b, (c << 8) | d);
  }
  return values;
}
