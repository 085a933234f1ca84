/** The demo's process on a stand-in of the exchange, killed, stopped, and left without an exchange. */

import { expect, test } from "bun:test";
import { MarketMakersProcess } from "../../src/demo/market-makers-process.ts";
import { type Report, ReportWatch } from "../../src/demo/report.ts";
import { StandInExchange } from "../client/stand-in-exchange.ts";
import { logTo } from "../lib/logs.ts";
import { until } from "../lib/until.ts";

const SECRETS = { "maker-1": "secret-1", "taker-1": "secret-2" };

function open(secret = "secret-1") {
  const exchange = new StandInExchange(["SYMBOL_1"], SECRETS);
  const lines: string[] = [];
  const log = logTo((level, fields, message) => {
    const { process: _, ...rest } = fields as Record<string, unknown>;
    lines.push(`${level}: ${message} ${JSON.stringify(rest)}`);
  });
  const keys = (api_key: string, api_secret: string) => ({ api_key, api_secret, account_id: "a" });
  const makers = new MarketMakersProcess({
    options: {
      url: exchange.url,
      makers: [keys("maker-1", secret)],
      takers: [keys("taker-1", "secret-2")],
    },
    isTls: false,
    log,
    waitMs: 1,
  });
  return {
    exchange,
    lines,
    makers,
    async [Symbol.asyncDispose]() {
      await makers.stop();
      await exchange[Symbol.asyncDispose]();
    },
  };
}

const hasQuotes = (exchange: StandInExchange) => () => exchange.openOrders().length > 0;

test("a killed process is started again, and quotes again", async () => {
  await using demo = open();
  const { exchange, makers, lines } = demo;
  makers.start();
  expect(makers.reason()).toBeNull();
  await exchange.until(hasQuotes(exchange));
  process.kill(makers.pid ?? 0, "SIGKILL");
  await until(() => makers.reason() !== null);
  expect(makers.reason()).toBe("the process ended by SIGKILL");
  await until(() => makers.reason() === null);
  expect(makers.restarts).toBe(1);
  expect(lines).toEqual([
    'warn: nobody makes a market until it is started again {"reason":"the process ended by SIGKILL","againInMs":1}',
    'info: trades again {"restarts":1}',
  ]);
});

test("a silent process is ended and started again", async () => {
  await using demo = open();
  const { exchange, makers } = demo;
  makers.start();
  await exchange.until(hasQuotes(exchange));
  process.kill(makers.pid ?? 0, "SIGSTOP");
  for (let i = 0; i < 31; i++) makers.look();
  await until(() => makers.reason() !== null);
  expect(makers.reason()).toBe("the process ended by SIGKILL: nothing was heard of it any more");
  await until(() => makers.reason() === null);
  expect(makers.restarts).toBe(1);
});

test("a process that cannot log in reports why, and is started again after growing waits", async () => {
  await using demo = open("guess");
  const { makers, lines } = demo;
  makers.start();
  await until(() => makers.restarts === 3);
  const why = "the process ended with exit code 1: ExchangeError: Wrong API key or secret";
  expect(makers.reason()).toBe(why);
  const waits = lines.flatMap((line) => /"againInMs":(\d+)/.exec(line)?.[1] ?? []);
  expect(waits.slice(0, 3)).toEqual(["1", "2", "4"]);
  expect(lines).toContain("error: ExchangeError: Wrong API key or secret {}");
});

test("a process that lives but carries out no order for a minute makes no market", () => {
  const watch = new ReportWatch();
  const pass = (seconds: number, report: Report): void => {
    for (let i = 0; i < seconds; i++) {
      watch.look();
      watch.hear(report);
    }
  };
  pass(59, { carried: 0, refusal: null });
  expect([watch.reason(), watch.isSilent]).toEqual([null, false]);
  pass(1, { carried: 0, refusal: null });
  expect(watch.reason()).toBe("no order was carried out for 60 s");
  pass(5, { carried: 0, refusal: "Closed for maintenance" });
  expect(watch.reason()).toBe("no order was carried out for 65 s: Closed for maintenance");
  pass(1, { carried: 1, refusal: null });
  expect(watch.reason()).toBeNull();
});

test("after the end no process is started any more", async () => {
  await using demo = open();
  const { exchange, makers, lines } = demo;
  makers.start();
  await exchange.until(hasQuotes(exchange));
  const { pid } = makers;
  await makers.stop();
  expect(() => process.kill(pid ?? 0, 0)).toThrow("ESRCH");
  expect([makers.pid, makers.restarts, lines]).toEqual([null, 0, []]);
});
