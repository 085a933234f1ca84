/** Checks keys that may be used from some networks only. */
import type { ApiKey } from "../identity/api-key.ts";
import { isInNetwork, parseIpAddress, parseNetwork } from "../lib/ip-address.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";

/**
 * The error when `key`, if there is one, may not be used from the address `text`; null when it may. A text that is no address
 * is in no network.
 */
export function addressRefusal(key: ApiKey | null, text: string): ErrorBody | null {
  const { allowedAddresses = [] } = key ?? {};
  if (allowedAddresses.length === 0) return null;
  const address = parseIpAddress(text);
  const isAllowed = allowedAddresses.some((allowed) => {
    const network = parseNetwork(allowed);
    return address !== null && network !== null && isInNetwork(address, network);
  });
  if (isAllowed) return null;
  const message = "This API key may not be used from this address";
  return errorBody(ErrorCode.PERMISSION_MISSING, { address: text }, message);
}
