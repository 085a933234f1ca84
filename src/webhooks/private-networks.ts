/** Networks that no webhook may lead to: this machine, its neighbours, and what is no address of anybody's. */
import { type IpAddress, isInNetwork, type Network, parseNetwork } from "../lib/ip-address.ts";

const NETWORKS = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  // Unspecified, loopback and IPv4-compatible; translated IPv4, which may be a private one; discard; Teredo and
  // others; documentation; 6to4; unique local; link-local; site-local; multicast.
  ...["::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32"],
  ...["2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
].map((text) => parseNetwork(text) as Network);

export function isPrivate(address: IpAddress): boolean {
  return NETWORKS.some((network) => isInNetwork(address, network));
}
