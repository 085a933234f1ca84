/** Questions of commands, in a real terminal. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Pty } from "../host/pty.ts";
import { AS_OPERATORS_DO } from "./server-process.ts";
import { Venue } from "./venue.ts";
import { startWaiver } from "./waiver-command.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

const where = () => ["--url", venue.server.url, "--data-dir", venue.dataDir];
const inTerminal = (...args: string[]) => new Pty([...AS_OPERATORS_DO, ...args, ...where()]);

async function stateOf(symbol: string): Promise<unknown> {
  return (await venue.server.ask<{ state: string }>("GET", `/symbols/${symbol}`)).state;
}

test("only a yes at the prompt carries out the command", async () => {
  const symbol = venue.symbol();
  await using no = inTerminal("symbol", "halt", symbol);
  await no.shows(/halt SYMBOL_\d+ \(.+\), now\s+TRADING\? \[y\/N\]/);
  no.type("");
  expect(await no.exited).toBe(1);
  expect(no.text).toContain("waiver: Nothing was done.");
  expect(await stateOf(symbol)).toBe("TRADING");

  await using yes = inTerminal("symbol", "halt", symbol);
  await yes.shows(/\[y\/N\]/);
  yes.type("y");
  expect(await yes.exited).toBe(0);
  expect(yes.text).toContain("is now HALTED");
  expect(await stateOf(symbol)).toBe("HALTED");
});

test("Ctrl-C and a closed input count as no", async () => {
  const symbol = venue.symbol();
  await using ended = inTerminal("symbol", "halt", symbol);
  await ended.shows(/\[y\/N\]/);
  ended.press("C");
  expect(await ended.exited).not.toBe(0);
  expect(await stateOf(symbol)).toBe("TRADING");
});

test("a name that fits several players is refused with the candidates", async () => {
  const { symbols } = await venue.server.ask<{ symbols: { player_name: string }[] }>(
    "GET",
    "/symbols",
  );
  const [word = ""] = symbols[0]?.player_name.split(" ") ?? [];
  await using terminal = inTerminal("symbol", "show", word);
  await terminal.shows(/Which one\? \[1-\d+\]/);
  const [, second = ""] = /^\s+2 {2}(SYMBOL_\d+)/m.exec(terminal.text) ?? [];
  terminal.type("2");
  expect(await terminal.exited).toBe(0);
  expect(terminal.text).toMatch(new RegExp(`symbol\\s+│ ${second} `));
});

test("where there is no terminal nothing is done without --yes, and it is with it", async () => {
  const symbol = venue.symbol();
  const refused = startWaiver("symbol", "halt", symbol, ...where());
  expect(await new Response(refused.stderr).text()).toContain(
    "Nobody can be asked, because this is not a terminal: give --yes to do it. Nothing was done.\n",
  );
  expect(await refused.exited).toBe(2);
  expect(await stateOf(symbol)).toBe("TRADING");
  expect(await startWaiver("symbol", "halt", symbol, "--yes", ...where()).exited).toBe(0);
  expect(await stateOf(symbol)).toBe("HALTED");
});
