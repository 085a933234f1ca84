/** Finds the client's address of a request: the peer's, or the one that a trusted proxy names. */
import {
  type IpAddress,
  ipAddressText,
  isInNetwork,
  type Network,
  parseIpAddress,
} from "../lib/ip-address.ts";
import { lastListItems } from "./http/header-list.ts";

/** The most peers that are remembered; then all are forgotten. */
const PEERS_MAX = 4096;
/** The most hops that are looked at, the nearest first. No honest request has as many. */
const HOPS_MAX = 32;
/** The longest `Forwarded` that is read. It has to be read from its beginning; a longer one names no client. */
const FORWARDED_CHARACTERS_MAX = 4096;

export interface RequestPeer {
  requestIP(request: Request): { address: string } | null;
}

export class ClientAddresses {
  readonly #proxies: readonly Network[];
  /** Client addresses by the peer's text, for peers that are not trusted proxies. */
  readonly #clients = new Map<string, string>();
  /** Keeps the address of each request, because the server does not know it any more when the connection has ended. */
  readonly #byRequest = new WeakMap<Request, string>();

  /** `trustedProxies`: networks of proxies whose headers are believed. */
  constructor(trustedProxies: readonly Network[]) {
    this.#proxies = trustedProxies;
  }

  /**
   * The address of the client, an IPv4 address always in its short form; "unknown" when there is none. A proxy passes
   * on the headers that it does not write. So when `Forwarded` and `X-Forwarded-For` name different clients, one of
   * them is from the client itself, and the request counts as the proxy's.
   */
  of(request: Request, server: RequestPeer): string {
    let client = this.#byRequest.get(request);
    if (client === undefined) {
      client = this.#find(request, server);
      this.#byRequest.set(request, client);
    }
    return client;
  }

  #find(request: Request, server: RequestPeer): string {
    const peer = server.requestIP(request)?.address;
    if (peer === undefined) return "unknown";
    const known = this.#clients.get(peer);
    if (known !== undefined) return known;
    const address = parseIpAddress(peer);
    if (address === null) return peer;
    if (!this.#isProxy(address)) return this.#keep(peer, ipAddressText(address));
    const named = [
      forwardedHops(request.headers.get("forwarded")),
      listedHops(request.headers.get("x-forwarded-for")),
    ].flatMap((hops) => (hops === null ? [] : [ipAddressText(this.#client(hops, address))]));
    const [client = ipAddressText(address), other = client] = named;
    return client === other ? client : ipAddressText(address);
  }

  #keep(peer: string, client: string): string {
    if (this.#clients.size >= PEERS_MAX) this.#clients.clear();
    this.#clients.set(peer, client);
    return client;
  }

  #isProxy(address: IpAddress): boolean {
    return this.#proxies.some((network) => isInNetwork(address, network));
  }

  /** The nearest hop that is no trusted proxy. Nothing before an unreadable hop can be trusted. */
  #client(hops: readonly string[], peer: IpAddress): IpAddress {
    let client = peer;
    for (const hop of hops.slice(-HOPS_MAX).reverse()) {
      const address = parseHop(hop);
      if (address === null) break;
      client = address;
      if (!this.#isProxy(address)) break;
    }
    return client;
  }
}

/** `X-Forwarded-For`: addresses, the nearest last. Null without the header. */
function listedHops(header: string | null): string[] | null {
  return lastListItems(header, HOPS_MAX);
}

/** `Forwarded` (RFC 7239): the `for` of each element, "" where it has none. Null without the header. */
function forwardedHops(header: string | null): string[] | null {
  if (header === null) return null;
  if (header.length > FORWARDED_CHARACTERS_MAX) return [""];
  return splitOutsideQuotes(header, ",").map((element) => {
    const pairs = splitOutsideQuotes(element, ";").map((pair) => pair.trim());
    const named = pairs.filter((pair) => /^for=/i.test(pair));
    // An element with two `for` cannot be trusted.
    return named.length === 1 ? unquoted((named[0] as string).slice("for=".length)) : "";
  });
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    if (isQuoted && text[i] === "\\") i++;
    else if (text[i] === '"') isQuoted = !isQuoted;
    else if (text[i] === separator && !isQuoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function unquoted(value: string): string {
  const [, quoted] = /^"(.*)"$/.exec(value) ?? [];
  return quoted === undefined ? value : quoted.replace(/\\(.)/g, "$1");
}

/** `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`; null when it is none of these. */
function parseHop(hop: string): IpAddress | null {
  const [, bracketed] = /^\[([^\]]*)\](?::[\w.-]+)?$/.exec(hop) ?? [];
  if (bracketed !== undefined) return bracketed.includes(":") ? parseIpAddress(bracketed) : null;
  const [, ipv4] = /^(\d+\.\d+\.\d+\.\d+)(?::[\w.-]+)?$/.exec(hop) ?? [];
  return parseIpAddress(ipv4 ?? hop);
}
