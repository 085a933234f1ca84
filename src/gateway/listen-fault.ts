/** Why the server cannot listen, in the words of the configuration. */

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use; stop the other process, or take another port",
  EACCES: "this user may not listen on this port; take one from 1024 on",
  EADDRNOTAVAIL: "no network interface of this machine has this address",
};
/** For every other code: the resolver and Bun have several for an unknown host, also a plain EINVAL. */
const UNKNOWN_HOST = "the host's name does not resolve to an address of this machine";

/** The error that stops the start. It has no `code`, because an error with one counts as a fault of the disk. */
export function listenFault(host: string, port: number, error: unknown): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = WHY[code] ?? (code === "" ? String(error) : `${UNKNOWN_HOST} (${code})`);
  const keys = `gateway.host = ${JSON.stringify(host)}, gateway.port = ${port}`;
  return new Error(`${keys}: cannot listen: ${why}`);
}
