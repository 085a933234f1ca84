/** Asks a running exchange over REST. */
import type { Credentials } from "../../../src/identity/api-key.ts";
import { assertAnswer } from "../../protocol/documents/published.ts";

export interface RestAnswer {
  status: number;
  headers: Headers;
  /** Null when there is none. */
  body: unknown;
}

export interface RestAsk {
  body?: unknown;
  headers?: Record<string, string>;
}

/** A client that asks with `key`, or without a login. */
export function restClient(url: string, key?: Credentials) {
  const login: Record<string, string> =
    key === undefined ? {} : { "X-API-KEY": key.api_key, "X-API-SECRET": key.api_secret };

  async function ask(
    method: string,
    path: string,
    { body, headers }: RestAsk = {},
  ): Promise<RestAnswer> {
    const response = await fetch(`http://${url}/api/v1${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...login, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = {
      status: response.status,
      headers: response.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    assertAnswer(method, path, answer.status, answer.body);
    return answer;
  }

  return {
    ask,
    /** Status and body alone. */
    async told(method: string, path: string, more?: RestAsk) {
      const { status, body } = await ask(method, path, more);
      return { status, body };
    },
    /** The body of an answer that must be 200. */
    async result(method: string, path: string, more?: RestAsk): Promise<Record<string, unknown>> {
      const { status, body } = await ask(method, path, more);
      if (status !== 200) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
      return body as Record<string, unknown>;
    },
  };
}

export type RestClient = ReturnType<typeof restClient>;
