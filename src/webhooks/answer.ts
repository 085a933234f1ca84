/** Reads an HTTP answer from as much of it as was received. */

const START = "HTTP/1.";
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})[ \r]/;
/** Statuses 100 to 199, after which the real answer follows. 101 is an exception: nothing follows it. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/;
const HEAD_END = "\r\n\r\n";
/** Answers that have no body, whatever their head says. */
const BODILESS: readonly number[] = [204, 304];

/** `received` without the interim answers at its beginning, as far as these are complete. */
export function withoutInterim(received: string): string {
  let rest = received;
  while (INTERIM.test(rest)) {
    const end = rest.indexOf(HEAD_END);
    if (end === -1) return rest;
    rest = rest.slice(end + HEAD_END.length);
  }
  return rest;
}

/** Whether `received`, even if it is short, cannot be the beginning of an HTTP answer: another service listens there. */
export function isNotHttp(received: string): boolean {
  return !received.startsWith(START.slice(0, received.length));
}

/** The answer's status; undefined while it is not received. `received` is what `withoutInterim` returns. */
export function statusOf(received: string): number | undefined {
  const [, status] = STATUS_LINE.exec(received) ?? [];
  return status === undefined || INTERIM.test(received) ? undefined : Number(status);
}

/**
 * How many characters the whole answer has; undefined while its head is not complete. Null when the head does not tell the
 * length, or when nothing may follow the answer on its connection.
 */
export function lengthOf(received: string): number | null | undefined {
  const end = received.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const [first = "", ...lines] = received.slice(0, end).toLowerCase().split("\r\n");
  const valuesOf = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1));
  const isLast = first.startsWith("http/1.0") || valuesOf("connection").join().includes("close");
  if (isLast || statusOf(received) === 101) return null;
  const head = end + HEAD_END.length;
  if (BODILESS.includes(statusOf(received) as number)) return head;
  const [length, ...more] = valuesOf("content-length").map((value) => value.trim());
  const isChunked = valuesOf("transfer-encoding").length > 0;
  if (length === undefined || more.length > 0 || isChunked || !/^\d{1,9}$/.test(length))
    return null;
  return head + Number(length);
}
