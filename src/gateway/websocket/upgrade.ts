/** Reads what a WebSocket upgrade asks for. */
import { ENCODINGS, type Encoding, SUBPROTOCOLS } from "../../protocol/encoding.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { listItems } from "../http/header-list.ts";
import { isOwnOrigin } from "../http/origin.ts";
import { queryOf } from "../http/request-target.ts";
import { type HttpError, httpError, type ResponseParts } from "../http/responses.ts";

export interface Negotiated {
  encoding: Encoding;
  /** The subprotocol to answer with; null: none was offered. */
  subprotocol: string | null;
}

/**
 * Reads an upgrade request. Throws `HttpError`: 426 when it is not one, 403 when it comes from a page of a foreign origin,
 * 400 when it offers no known encoding.
 */
export function readUpgrade(
  request: Request,
  { allowedOrigins, isTls }: { allowedOrigins: readonly string[]; isTls: boolean },
): Negotiated {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    const headers = { Upgrade: "websocket", Connection: "Upgrade" };
    throw noUpgrade("a WebSocket upgrade was expected here", { status: 426, headers });
  }
  const origin = request.headers.get("origin");
  // Browsers name the origin of the page. A request without one is not from a browser.
  if (origin !== null && !allowedOrigins.includes(origin) && !isOwnOrigin(request, isTls)) {
    const message = "This page's origin may not connect; see gateway.allowed_origins";
    throw httpError(ErrorCode.PERMISSION_MISSING, message);
  }
  const negotiated = negotiate(request);
  if (negotiated !== null) return negotiated;
  throw noUpgrade(`expected a subprotocol of ${Object.values(SUBPROTOCOLS).join(", ")}`);
}

export function noUpgrade(message: string, parts?: ResponseParts): HttpError {
  return httpError(ErrorCode.MALFORMED_MESSAGE, message, parts);
}

/** The first of the client's subprotocols that is known; null when none is. */
function negotiate(request: Request): Negotiated | null {
  const header = request.headers.get("sec-websocket-protocol");
  if (header !== null) {
    for (const offered of listItems(header)) {
      const encoding = ENCODINGS.find((name) => SUBPROTOCOLS[name] === offered);
      if (encoding !== undefined) return { encoding, subprotocol: offered };
    }
    return null;
  }
  const asked = queryOf(request).get("encoding");
  if (asked === null) return { encoding: "json", subprotocol: null };
  const encoding = ENCODINGS.find((name) => name === asked);
  return encoding === undefined ? null : { encoding, subprotocol: null };
}
