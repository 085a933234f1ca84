/**
 * The clocks of an exchange without the exchange: `clock-program.ts STAMPED DUE`, the last tick's time and the next
 * due time in seconds from now. Prints a line for each change of the clock's health, and when something was due.
 */
import type { Core } from "../../src/core/create.ts";
import { DueClock } from "../../src/execution/due-clock.ts";
import { ClockWatch } from "../../src/router/clock-watch.ts";
import type { ControlPort } from "../../src/router/control.ts";
import { Sequencer } from "../../src/router/sequencer.ts";

const [stamped = 0, firstDue = 0] = process.argv
  .slice(2)
  .map((each) => Date.now() + Number(each) * 1000);
let due = firstDue;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const log = {
  info: (_fields: object, message: string) => print(message),
  warn: (_fields: object, message: string) => print(message),
  error: () => {},
};

const sequencer = new Sequencer(Date.now);
sequencer.resume(1, 1, stamped);
const watch = new ClockWatch({ stamped: () => sequencer.timestamp, log });
const core = { due: () => due } as Core;
const control = {
  submit: async () => {
    print("due");
    // As if the core had done what was due.
    due = Number.POSITIVE_INFINITY;
  },
} as unknown as ControlPort;
const clock = new DueClock(core, control, () => sequencer.now(), log);
watch.start();

let told: string | null = "nothing yet";
setInterval(() => {
  const reason = watch.reason();
  if (reason !== told) print(reason ?? "ok");
  told = reason;
  clock.onTick();
}, 20);
