/**
 * Connections that come and go, over and over, while certificates change, until a line comes in: on each one request,
 * and one more on those that the server leaves open. Prints what became of them. Arguments: port, connections at once at
 * most.
 */
import { connect } from "node:tls";

/** Much more often than a certificate changes. */
const BEGIN_EVERY_MS = 5;

const [port, connections] = Bun.argv.slice(2).map(Number) as [number, number];
let isOver = false;
process.stdin.once("data", () => {
  isOver = true;
});

/** Answers of 200, connections on which the server announced its last answer, and errors. */
const counts = { answers: 0, lastAnswers: 0 };
const faults: string[] = [];
/** The common names of the certificates that the server showed. */
const shown = new Set<string>();

const REQUEST = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

function visit(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  let answered = 0;
  let isLast = false;
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
    shown.add(String(socket.getPeerCertificate().subject.CN));
    ask();
  });
  const ask = (): void => {
    asked++;
    socket.write(REQUEST);
  };
  socket.on("data", (bytes) => {
    const text = bytes.toString();
    if (text.startsWith("HTTP/1.1 200")) answered++;
    isLast ||= /^connection: close/im.test(text);
    if (!isLast && asked < 2) ask();
    else socket.end();
  });
  socket.on("error", (error) =>
    faults.push(`${error.message} after ${answered} of ${asked} answers`),
  );
  socket.on("close", () => {
    counts.answers += answered;
    if (isLast) counts.lastAnswers++;
    if (answered < asked) faults.push(`closed after ${answered} of ${asked} answers`);
    resolve();
  });
  return promise;
}

await visit();
process.stdout.write("started\n");
const open = new Set<Promise<void>>();
let begun = 0;
const begin = (): void => {
  begun++;
  const visited = visit().finally(() => open.delete(visited));
  open.add(visited);
};
const { promise: ended, resolve: end } = Promise.withResolvers<void>();
// A new connection as soon as another ends would only keep the processors busy. One is always on its way as
// it is.
const beginning = setInterval(() => {
  if (open.size < connections) begin();
  if (isOver && begun > connections) end();
}, BEGIN_EVERY_MS);
await ended;
clearInterval(beginning);
// This begins after the line came in, so it meets the certificate of that moment.
begin();
await Promise.all(open);
process.stdout.write(`${JSON.stringify({ ...counts, faults, shown: [...shown].sort() })}\n`);
process.exit();
