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
/** The kernel's limit, without the zero byte at the end. */
const PATH_BYTES_MAX = 107;

export interface LocalSocketParts {
  /** Where the socket is made. */
  path: string;
  groups: readonly RouteGroup[];
  refusals: Refusals;
  counters: Counters;
  /** Called with an unexpected error. */
  onBug(error: unknown): void;
}

/** Throws an error for the operator when no socket can be made at `path` now, as far as that is known without connecting. */
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
 * Listens on the socket. A socket that a killed exchange left behind is removed first. Rejects with an error for the
 * operator. Disposing removes the socket.
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

/** Runs `make`. Only the owner may use the files that it makes. */
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
 * Whether a process listens on this socket, even one that hangs. (A hanging process refuses connections when its queue is
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
  EADDRINUSE: "a file of this name exists already; it is no socket, or another process uses it",
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
