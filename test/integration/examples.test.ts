/** The programs of examples/, in both languages, trade on a real exchange. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createTradingClient, type TradingClient } from "@waiver/client";
import { linesOf } from "../../src/lib/lines.ts";
import { PYTHON, run, skipsWithoutRuntimes } from "../client/runtimes.ts";
import { type User, Venue } from "./venue.ts";

const EXAMPLES = join(import.meta.dir, "../../examples");
const CASH = 1_000_000;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue?.[Symbol.asyncDispose]());

/** A program that runs, and the lines that it prints. */
class Program implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #complaints: Promise<string>;
  readonly #lines: AsyncGenerator<string>;

  constructor(command: readonly string[], user: User | undefined) {
    const keys = user && { WAIVER_KEY: user.api_key, WAIVER_SECRET: user.api_secret };
    this.#child = Bun.spawn([...command], {
      env: {
        ...{ PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1" },
        WAIVER_URL: venue.server.url,
        ...keys,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#complaints = this.#child.stderr.text();
    this.#lines = linesOf(this.#child.stdout);
  }

  /** The next line; throws with what the program complained of when it has ended. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`it ended: ${await this.#complaints}`);
    return value;
  }

  /** Reads on until this line comes. */
  async until(wanted: string): Promise<void> {
    while ((await this.line()) !== wanted);
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

test.skipIf(skipsWithoutRuntimes())("the client that llms.txt shows trades", async () => {
  const { api_key: KEY, api_secret: SECRET } = await venue.user({ cash: CASH });
  const text = await (await fetch(`${venue.server.url}/llms.txt`)).text();
  const [, program = ""] = /```python\n(.*?)```/s.exec(text) ?? [];
  const env = { URL: venue.server.url.replace("http", "ws"), KEY, SECRET, SYMBOL: venue.symbol() };
  expect(await run([...PYTHON, "-c", program], { env })).toBe("ACCEPTED\nCANCELLED\n");
});

describe.each(["typescript", "python"])("in %s", (language) => {
  const isSkipped = language === "python" && skipsWithoutRuntimes();
  const start = (name: string, args: readonly string[], user?: User): Program => {
    const command =
      language === "python"
        ? [...PYTHON, join(EXAMPLES, `python/${name.replaceAll("-", "_")}.py`)]
        : [process.execPath, join(EXAMPLES, `typescript/${name}.ts`)];
    return new Program([...command, ...args], user);
  };

  async function trader(symbol: string): Promise<TradingClient> {
    const { api_key, api_secret } = await holder(symbol);
    const auth = { apiKey: api_key, apiSecret: api_secret };
    return createTradingClient({ url: venue.server.url, auth });
  }
  const holder = (symbol: string) => venue.user({ cash: CASH, positions: { [symbol]: 100 } });

  test.skipIf(isSkipped)("the ticker tells prices as they change", async () => {
    const symbol = venue.symbol();
    const client = await trader(symbol);
    const { ticker = "" } = await client.symbol({ symbol });
    await using program = start("ticker", [ticker]);
    expect(await program.line()).toBe(`${symbol} last - bid - ask -`);
    await client.place({ symbol, side: "SELL", type: "LIMIT", price: 130, quantity: 1 });
    await program.until(`${symbol} last - bid - ask 130`);
    client.close();
  });

  test.skipIf(isSkipped)("the market maker quotes, and moves away from its fills", async () => {
    const symbol = venue.symbol();
    const client = await trader(symbol);
    await using program = start("market-maker", [symbol, "100"], await holder(symbol));
    expect([await program.line(), await program.line()]).toEqual(["BUY 5 @ 97", "SELL 5 @ 103"]);
    const sold = { symbol, side: "SELL", type: "LIMIT", price: 97, quantity: 2 } as const;
    expect(await client.place(sold)).toMatchObject({ status: "FILLED", average_price: 97 });
    await program.until("BUY 3 @ 95");
    await program.until("SELL 5 @ 101");
    expect(await client.bookSnapshot({ symbol })).toMatchObject({
      bids: [[95, 3]],
      asks: [[101, 5]],
    });
    const bought = { symbol, side: "BUY", type: "LIMIT", price: 101, quantity: 5 } as const;
    expect(await client.place(bought)).toMatchObject({ status: "FILLED", average_price: 101 });
    await program.until("SELL 5 @ 106");
    expect(await client.bookSnapshot({ symbol })).toMatchObject({
      bids: [[100, 3]],
      asks: [[106, 5]],
    });
    client.close();
  });

  test.skipIf(isSkipped)("the MessagePack bot buys what it is told to, and ends", async () => {
    const symbol = venue.symbol();
    const client = await trader(symbol);
    await client.place({ symbol, side: "SELL", type: "LIMIT", price: 121, quantity: 9 });
    await using program = start("messagepack-bot", [symbol, "120", "5"], await holder(symbol));
    await client.place({ symbol, side: "SELL", type: "LIMIT", price: 119, quantity: 2 });
    expect(await program.line()).toBe("bought 2 @ 119");
    await client.place({ symbol, side: "SELL", type: "LIMIT", price: 120, quantity: 7 });
    expect(await program.line()).toBe("bought 3 @ 120");
    expect(await program.exited).toBe(0);
    expect(await client.bookSnapshot({ symbol })).toMatchObject({
      asks: [
        [120, 4],
        [121, 9],
      ],
    });
    client.close();
  });
});
