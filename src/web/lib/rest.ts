/** Requests over HTTP with the session's cookie, for what has no method on a WebSocket. */
import { ConnectionError, ExchangeError } from "@waiver/client";

const PATH = "/api/v1";

export type RestMethod = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * Sends a request. `account`: which of the user's accounts it is about; default the first. Rejects with `ExchangeError` for a
 * refusal, with `ConnectionError` when no answer came.
 */
export async function ask<T>(
  method: RestMethod,
  path: string,
  body?: object,
  account?: string,
): Promise<T> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(PATH + path, {
      method,
      headers: {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(account !== undefined && { "X-ACCOUNT-ID": account }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    answer = await response.json();
  } catch (error) {
    throw new ConnectionError("The exchange did not answer", { cause: error });
  }
  if (response.ok) return answer as T;
  if (isRefusal(answer)) throw new ExchangeError(answer);
  throw new ConnectionError(`Something between here and the exchange answered ${response.status}`);
}

type Refusal = ConstructorParameters<typeof ExchangeError>[0];

function isRefusal(answer: unknown): answer is Refusal {
  return typeof (answer as Partial<Refusal> | null)?.code === "number";
}
