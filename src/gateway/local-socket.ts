/** Routes on a Unix socket: for programs on this machine that run as the same user as the exchange. */
import { accessSync, constants, lstatSync, readFileSync, unlinkSync } from "node:fs";
import { resolve as absolute, dirname } from "node:path";
import type { Counters } from "./counters.ts";
import type { Refusals } from "./http/refusals.ts";
import { HTTP_BODY_BYTES_MAX } from "./http/request-body.ts";
import { createRoutes, type RouteGroup } from "./http/routes.ts";
import { securityHeaders } from "./http/security-headers.ts";
import type { Session } from "./websocket/session.ts";

/** Only the owner may connect. */
const UMASK = 0o177;
/** As the kernel has it, without the byte that ends it. */
const PATH_BYTES_MAX = 107;

export interface LocalSocketParts {
  /** Where the socket is made. */
  path: string;
  groups: readonly RouteGroup[];
  refusals: Refusals;
  counters: Counters;
  /** Called with an error that nobody expected. */
  onBug(error: unknown): void;
}

/** Throws what an operator understands where no socket can be made now, as far as that is known without a connection. */
export function expectFreeSocket(path: string): void {
  try {
    if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw faultOf("ENAMETOOLONG");
    accessSync(dirname(path), constants.W_OK);
    const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (isThere && (!isSocket(path) || isBoundByKernel(path))) throw faultOf("EADDRINUSE");
  } catch (error) {
    throw socketFault(path, error);
  }
}

function faultOf(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * Listens; a socket that an exchange left behind when it was killed is taken away. Rejects with what an operator
 * understands. Its end removes the socket.
 */
export async function serveLocally(parts: LocalSocketParts): Promise<AsyncDisposable> {
  const { path, groups, refusals, counters, onBug } = parts;
  const { routes, fetch } = createRoutes(groups, {
    onBug,
    enter(_request, _server, run) {
      run();
      return true;
    },
    // A client of the socket has no address, and may read the file with the token anyway.
    charge: () => undefined,
    refusals,
    isLast: () => false,
    onRefused: (code) => counters.onError(code),
    headers: securityHeaders(false),
  });
  try {
    if (isSocket(path) && !(await isListenedOn(path))) unlinkSync(path);
    const server = forOwnerOnly(() =>
      Bun.serve<Session>({
        unix: path,
        routes,
        fetch,
        // Nobody upgrades here, but the type of the server that routes get has this member.
        websocket: { message: () => undefined },
        maxRequestBodySize: HTTP_BODY_BYTES_MAX,
        development: false,
      }),
    );
    return { [Symbol.asyncDispose]: () => server.stop(true) };
  } catch (error) {
    throw socketFault(path, error);
  }
}

/** Runs `make` so that only their owner may use the files that it makes. */
function forOwnerOnly<Made>(make: () => Made): Made {
  const before = process.umask(UMASK);
  try {
    return make();
  } finally {
    process.umask(before);
  }
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

async function isListenedOn(path: string): Promise<boolean> {
  const { connect } = await import("node:net");
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const client = connect(path);
  client.once("connect", () => resolve(true));
  client.once("error", () => resolve(isBoundByKernel(path)));
  return promise.finally(() => client.destroy());
}

/** Linux's list of Unix sockets: flags in the fourth column, the path as it was bound in the last. */
const KERNEL_LIST = "/proc/net/unix";
const LISTENS = 0x1_0000;

/**
 * Whether a process has this socket, also one that hangs. (A hanging process refuses connections when its queue is
 * full, like a dead one.) False where there is no such list.
 */
function isBoundByKernel(path: string): boolean {
  const list = readIfThere(KERNEL_LIST);
  return list.split("\n").some((line) => {
    const [, , , flags = "", , , , ...bound] = line.split(" ").filter((column) => column !== "");
    if ((Number.parseInt(flags, 16) & LISTENS) === 0) return false;
    return bound.length > 0 && absolute(bound.join(" ")) === absolute(path);
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "there is something of that name already, which is no socket or in use",
  ENAMETOOLONG: "the path of a socket has 107 bytes at most",
  ENOENT: "its directory is not there",
  EACCES: "this user may not write in its directory",
};

/** The error that stops the start. It has no `code`, because an error with one counts as a fault of the disk. */
function socketFault(path: string, error: unknown): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const key = `gateway.admin_socket = ${JSON.stringify(path)}`;
  return new Error(`${key}: cannot listen: ${WHY[code] ?? String(error)}`);
}
