/**
 * Prints the names of the processes that started it, and `gone` when one of them has ended, as an exchange
 * below npm does.
 */
import { readFileSync } from "node:fs";
import { launchersOf, watchLaunchers } from "../../src/host/launchers.ts";

const names = launchersOf(process.pid).map(({ pid }) =>
  readFileSync(`/proc/${pid}/comm`, "utf8").trim(),
);
watchLaunchers(() => {
  process.stdout.write("gone\n");
  process.exit(0);
});
process.stdout.write(`${JSON.stringify(names)}\n`);
setInterval(() => undefined, 1000);
