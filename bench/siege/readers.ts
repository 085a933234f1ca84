/**
 * The process of the readers, which read all the time: some subscribe to the market data of every symbol, and one to
 * its user data. Reads a `ReadersPlan` from standard input, and writes a line for each reader that the server closes.
 */
import { CHANNELS } from "./channels.ts";
import { jsonLine } from "./json-line.ts";
import { type Answer, type Path, Peer } from "./peer.ts";
import type { ReadersPlan, SiegeUser } from "./plan.ts";
import { Tally } from "./tally.ts";

const plan = (await Bun.stdin.json()) as ReadersPlan;
const { port } = plan;
const tally = new Tally();

for (let n = 1; n <= plan.marketData; n++) {
  const peer = await login("/market-data", plan.subscriber);
  const subscribe = (channel: string): Promise<Answer> =>
    peer.request("subscribe", { channels: [channel], symbols: ["*"] });
  const answers = await Promise.all(CHANNELS.map(subscribe));
  const served = answers.find(({ result }) => result !== undefined);
  if (served === undefined) throw new Error(`Subscription failed: ${JSON.stringify(answers[0])}`);
  watch(peer, `market data ${n}`);
}
watch(await login("/user-data", plan.listener), "user data");
console.log(JSON.stringify({ event: "reading" }));

async function login(path: Path, { api_key, api_secret }: SiegeUser): Promise<Peer> {
  const peer = await Peer.open({ port, path, tally });
  const answer = await peer.request("auth.login", { api_key, api_secret });
  if (answer.result === undefined) throw new Error(`Login failed: ${JSON.stringify(answer)}`);
  return peer;
}

function watch(peer: Peer, who: string): void {
  void peer.closed.then((close) => jsonLine({ event: "closed", who, close }));
}
