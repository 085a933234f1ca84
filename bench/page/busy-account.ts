/** A user with very many open orders, who looks at them in a browser while orders come and go. */
import { createTradingClient, type TradingClient } from "@waiver/client";
import type { Page } from "playwright-core";
import { createLoadUser, loadSymbols } from "../load/exchange-admin.ts";
import type { LoadUser } from "../load/plan.ts";
import type { ServerProcess } from "../load/server-process.ts";

const BATCH = 100;
const EVERY_MS = 100;
const SYMBOLS = 50;
/** Below the price of every sell order. */
const PRICE = 100;

export class BusyAccount implements AsyncDisposable {
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly server: ServerProcess,
    private readonly user: LoadUser,
    private readonly client: TradingClient,
    private readonly count: number,
  ) {}

  static async open(server: ServerProcess, count: number): Promise<BusyAccount> {
    const symbols = await loadSymbols(server.port, SYMBOLS);
    const user = await createLoadUser(server, "busy", symbols);
    const client = createTradingClient({
      url: `ws://127.0.0.1:${server.port}`,
      auth: { apiKey: user.api_key, apiSecret: user.api_secret },
    });
    const order = (i: number) => ({
      ...{ symbol: symbols[i % SYMBOLS] as string, side: "BUY" as const, type: "LIMIT" as const },
      ...{ price: PRICE + (i % 20), quantity: 1 + i },
    });
    const ids: string[] = [];
    for (let from = 0; from < count; from += BATCH) {
      const orders = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) =>
        order(from + i),
      );
      const { results } = await client.batch({ orders });
      for (const each of results) if ("result" in each) ids.push(each.result.order_id);
    }
    if (ids.length !== count) throw new Error(`${ids.length} of ${count} orders are open`);
    const account = new BusyAccount(server, user, client, count);
    account.#running = account.#run(ids, order);
    return account;
  }

  /** Logs the browser in. */
  async logIn(page: Page): Promise<void> {
    await page.goto(`http://127.0.0.1:${this.server.port}/`);
    const { api_key, api_secret } = this.user;
    await page.evaluate(async (body) => {
      const headers = { "Content-Type": "application/json" };
      await fetch("/api/v1/session", { method: "POST", headers, body });
    }, JSON.stringify({ api_key, api_secret }));
  }

  /** Waits until the page shows all orders, and then scrolls through the list all the time. */
  async shown(page: Page): Promise<void> {
    const list = page.getByRole("region", { name: "Open orders" });
    await list.locator(`table[aria-rowcount="${this.count + 1}"]`).waitFor();
    const client = await page.context().newCDPSession(page);
    await client.send("Runtime.evaluate", {
      expression: `(function scroll() {
        const list = document.querySelector('[aria-label="All open orders"]');
        const end = list.scrollHeight - list.clientHeight;
        list.scrollTop = (list.scrollTop + 40) % end;
        requestAnimationFrame(scroll);
      })()`,
    });
    await client.detach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#running;
    this.client.close();
  }

  async #run(ids: string[], order: (i: number) => Parameters<TradingClient["place"]>[0]) {
    for (let i = this.count; !this.#isOver; i++) {
      const { order_id } = await this.client.place(order(i));
      ids.push(order_id);
      await this.client.cancel({ order_id: ids.shift() as string });
      await Bun.sleep(EVERY_MS);
    }
  }
}
