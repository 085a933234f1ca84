/** Networks that a webhook may not lead to: this machine, its neighbours, and addresses that nobody has on the internet. */
import {
  type IpAddress,
  isInNetwork,
  isIpv4,
  type Network,
  parseNetwork,
} from "../lib/ip-address.ts";

const NETWORKS = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  // Special networks in the public part of IPv6: Teredo and others; documentation; 6to4, which contains IPv4 addresses.
  ...["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
].map((text) => parseNetwork(text) as Network);

/**
 * All public IPv6 addresses are in this network. The others are not assigned, or have a special use: loopback, IPv4
 * addresses that a router translates, neighbours, virtual networks.
 */
const PUBLIC_IPV6 = parseNetwork("2000::/3") as Network;

export function isPrivate(address: IpAddress): boolean {
  if (!isIpv4(address) && !isInNetwork(address, PUBLIC_IPV6)) return true;
  return NETWORKS.some((network) => isInNetwork(address, network));
}
