/** Differential fuzzing: random streams through core and reference, and the shortest list that differs. */
import { type Core, createCore } from "../../../src/core/core.ts";
import { type Command, formatCommands } from "../command-builder.ts";
import { CommandStream, FUZZ_SYMBOLS } from "./command-stream.ts";
import { Lockstep, type LockstepOptions } from "./lockstep.ts";
import { minimise } from "./minimise.ts";

/** An exchange that streams can run on, one after another. */
export interface FuzzSubject {
  core: Core;
  /** Makes the core empty. */
  clear(): void;
  options: Pick<LockstepOptions, "limits" | "start">;
}

/** The core with its own limits. */
export function createFuzzSubject(): FuzzSubject {
  const core = createCore(FUZZ_SYMBOLS);
  return { core, clear: () => core.reset(), options: {} };
}

/**
 * One seed's stream, with a look at the whole state every `checkEvery` commands and at the end. Returns
 * what went wrong, to be printed.
 */
export function fuzzSeed(
  subject: FuzzSubject,
  seed: number,
  count: number,
  checkEvery = 50,
): string | undefined {
  const { core, options } = subject;
  const settings = { ...options, checkEvery, tickLength: 1 + (Math.abs(seed) % 7) };
  subject.clear();
  const lockstep = new Lockstep(core, settings);
  const stream = new CommandStream(seed);
  const commands: Command[] = [];
  let difference: string | undefined;
  while (commands.length < count && difference === undefined) {
    const command = stream.next();
    commands.push(command);
    const applied = lockstep.apply(command);
    difference = applied.difference;
    stream.hear(command, applied.events);
  }
  difference ??= lockstep.compareStates();
  if (difference === undefined) return undefined;

  const repeat = (list: readonly Command[]): string | undefined => {
    subject.clear();
    const again = new Lockstep(core, { ...settings, checkEvery: 1 });
    for (const command of list) {
      const applied = again.apply(command);
      if (applied.difference !== undefined) return applied.difference;
    }
    return undefined;
  };
  const least = minimise(commands, (list) => repeat(list) !== undefined);
  const what = repeat(least) ?? difference;
  return `seed ${seed}, command ${commands.length}: ${what}\ncommands:\n${formatCommands(least)}`;
}
