/** The process that runs all clients of a chaos run; see `ChaosPlan`. It drops its own connections at random. */
import { SeededRandom } from "../integration/load-generator.ts";
import { lines } from "./lines.ts";
import { AccountLink, type Counts, DepthLink, TraderLink } from "./links.ts";
import type { ChaosEnds, ChaosPlan, ChaosReport } from "./plan.ts";

const DROP_EVERY_MS = 700;
const BEAT_MS = 100;
const LOOK_MS = 50;
const LOOKS_MAX = 1200;

const input = lines(Bun.stdin.stream());
const plan = JSON.parse(String((await input.next()).value)) as ChaosPlan;
const { url, symbols, seed } = plan;
const random = new SeededRandom(seed);
const counts: Counts = {
  ...{ dropped: 0, silent: 0, closed: 0, resumed: 0, begunAnew: 0, ordersSentAgain: 0 },
  faults: [],
};
const readers = Array.from({ length: plan.readers }, () => new DepthLink(url, symbols, counts));
const accounts = plan.traders.map((key) => new AccountLink(url, key, counts));
const traders = plan.traders.map((key) => new TraderLink(url, key, symbols, random, counts));
const links = [...readers, ...accounts, ...traders];
for (const link of links) link.start();
const dropping = setInterval(() => links[random.below(links.length)]?.drop(), DROP_EVERY_MS);
say("started");

/** The clock of the parent process: it counts these beats, which also show that the clients are alive. */
const beating = setInterval(() => say("beat"), BEAT_MS);

await input.next();
clearInterval(dropping);
for (const trader of traders) trader.stop();
await until(() => links.every(({ isReady }) => isReady) && traders.every(({ isDone }) => isDone));
say("stopped");

const ends = JSON.parse(String((await input.next()).value)) as ChaosEnds;
await until(
  () =>
    readers.every(({ books }) =>
      symbols.every((symbol) => (books.get(symbol)?.lastSeq ?? 0) >= (ends.books[symbol] ?? 0)),
    ) && accounts.every(({ last }, n) => last >= (ends.accounts[n] ?? 0)),
);
// The report is one long line.
clearInterval(beating);
const report: ChaosReport = {
  faults: counts.faults,
  books: readers.flatMap(({ books }) =>
    [...books].map(([symbol, book]) => ({ symbol, last_seq: book.lastSeq, text: book.text() })),
  ),
  accounts: accounts.map(({ events, firstSeq }, n) => ({
    ...{ first_seq: firstSeq, events },
    orders: traders[n]?.orders ?? {},
  })),
  ...{ dropped: counts.dropped, silent: counts.silent, closed: counts.closed },
  ...{ resumed: counts.resumed, begun_anew: counts.begunAnew },
  orders_sent_again: counts.ordersSentAgain,
};
await Bun.write(Bun.stdout, `${JSON.stringify(report)}\n`);
for (const link of links) link.end();
process.exit(0);

function say(word: string): void {
  process.stdout.write(`${word}\n`);
}

/** Gives up after a while. The report then shows what is missing. */
function until(holds: () => boolean): Promise<void> {
  let looks = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!holds() && looks++ < LOOKS_MAX) return;
      clearInterval(timer);
      resolve();
    }, LOOK_MS);
  });
}
