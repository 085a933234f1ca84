/** What can be told of an HTTP answer from its beginning. */

const START = "HTTP/1.";
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})[ \r]/;
/** 100 to 199, after which the answer is still to come; but 101 is the last. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/;
const HEAD_END = "\r\n\r\n";
/** Answers that have no body, whatever their head says. */
const BODILESS: readonly number[] = [204, 304];

/** Without the interim answers before it, as far as they have come. */
export function withoutInterim(received: string): string {
  let rest = received;
  while (INTERIM.test(rest)) {
    const end = rest.indexOf(HEAD_END);
    if (end === -1) return rest;
    rest = rest.slice(end + HEAD_END.length);
  }
  return rest;
}

/** Whether what has come, be it only a little, begins no answer: another service listens there. */
export function isNotHttp(received: string): boolean {
  return !received.startsWith(START.slice(0, received.length));
}

/** Undefined while it has not come. Of what `withoutInterim` left. */
export function statusOf(received: string): number | undefined {
  const [, status] = STATUS_LINE.exec(received) ?? [];
  return status === undefined || INTERIM.test(received) ? undefined : Number(status);
}

/**
 * How many characters the whole answer has, undefined while its head has not come. Null: it is not for the head to say, or
 * nothing may follow it on its connection.
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
