/** Makes the target of a load: an exchange with users and symbols, or the bare echo server. */
import { createLoadUser, loadSymbols } from "./exchange-admin.ts";
import type { LoadTarget, LoadUser } from "./plan.ts";
import type { ServerProcess } from "./server-process.ts";

export interface TargetOptions {
  connections: number;
  symbols: number;
}

/** Creates a user for each connection, with enough cash and shares for any run. */
export async function exchangeTarget(
  server: ServerProcess,
  options: TargetOptions,
): Promise<LoadTarget> {
  const symbols = await loadSymbols(server.port, options.symbols);
  const users: LoadUser[] = [];
  for (let index = 0; index < options.connections; index++) {
    users.push(await createLoadUser(server, `load-${index + 1}`, symbols));
  }
  return target(server, users, symbols, false);
}

/** A target with as many users and symbols for the echo server, which ignores both. */
export function echoTarget(server: ServerProcess, options: TargetOptions): LoadTarget {
  const users = Array.from({ length: options.connections }, () => ({
    api_key: "",
    api_secret: "",
  }));
  const symbols = Array.from({ length: options.symbols }, (_, index) => `SYMBOL_${index}`);
  return target(server, users, symbols, true);
}

function target(
  { port }: ServerProcess,
  users: LoadUser[],
  symbols: string[],
  areAnswersFixed: boolean,
): LoadTarget {
  return { hostname: "127.0.0.1", port, users, symbols, are_answers_fixed: areAnswersFixed };
}
