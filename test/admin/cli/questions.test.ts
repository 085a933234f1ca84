/** Questions on a real terminal. */
import { describe, expect, test } from "bun:test";
import { findTmux, Terminal } from "./dashboard/terminal.ts";

const tmux = findTmux();
/** Nobody is there: what is agreed to fails. */
const COMMAND = `'${process.execPath}' src/main.ts user disable usr_1 --url http://127.0.0.1:1 --token x`;

describe.skipIf(tmux === null)("a question", () => {
  test.each(["C-c", "C-d", "Enter"])("is answered with no by %s", async (key) => {
    await using terminal = await asked();
    await terminal.press(key);
    expect(await terminal.shows("ended 1")).toContain("waiver: Nothing was done.");
  });

  test("can be answered after the command was stopped and continued", async () => {
    await using terminal = await asked();
    await terminal.press("C-z");
    await terminal.shows("Stopped", /^\$$/m);
    await terminal.press("fg", "Enter");
    await terminal.shows(/^\$ fg\n.*user disable/m);
    await terminal.press("y", "Enter");
    await terminal.shows("waiver: No exchange answers at http://127.0.0.1:1");
  });
});

async function asked(): Promise<Terminal> {
  const terminal = await Terminal.open(tmux as string, 120, 24);
  await terminal.press(`clear; ${COMMAND}; echo ended $?`, "Enter");
  await terminal.shows(/^Disable usr_1.*connections\? \[y\/N\]$/m);
  return terminal;
}
