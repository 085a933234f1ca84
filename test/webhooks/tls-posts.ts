/**
 * `bun tls-posts.ts PORT NAME…`: posts twice to a receiver on 127.0.0.1 under each name, and prints the
 * results. It is a separate process because Bun reads NODE_EXTRA_CA_CERTS when it starts.
 */
import { Connections } from "../../src/webhooks/connections.ts";

const [port, ...names] = Bun.argv.slice(2);
const connections = new Connections({ monotonic: () => 0 });
for (const [webhook, name] of names.entries()) {
  const url = new URL(`https://${name}:${port}/`);
  const target = { addresses: ["127.0.0.1"] as const, port: Number(port), url };
  for (let i = 0; i < 2; i++) {
    const told = await connections.post(webhook, target, {}, "{}").catch(({ code }) => code);
    process.stdout.write(`${name} ${told}\n`);
  }
}
connections.close();
