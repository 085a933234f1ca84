/** The process of clients; see `ChaosPlan`. Drops connections of its own at random. */
import { SeededRandom } from "../integration/load-generator.ts";
import { lines } from "./lines.ts";
import { AccountLink, type Counts, DepthLink, TraderLink } from "./links.ts";
import type { ChaosPlan, ChaosReport } from "./plan.ts";

const DROP_EVERY_MS = 700;

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
process.stdout.write("started\n");

await input.next();
clearInterval(dropping);
for (const trader of traders) trader.stop();
await settled(() => links.every(({ isReady }) => isReady) && traders.every(({ isDone }) => isDone));
// What the last orders changed is on its way.
await Bun.sleep(2000);
await settled(() => links.every(({ isReady }) => isReady));
const report: ChaosReport = {
  faults: counts.faults,
  books: readers.flatMap(({ books }) =>
    [...books].map(([symbol, book]) => ({ symbol, last_seq: book.lastSeq, text: book.text() })),
  ),
  accounts: accounts.map(({ events, firstSeq }, n) => ({
    api_key: plan.traders[n]?.api_key ?? "",
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

async function settled(isSettled: () => boolean): Promise<void> {
  while (!isSettled()) await Bun.sleep(50);
}
