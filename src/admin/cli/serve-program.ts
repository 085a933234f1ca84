import { addServeCommand, type ServeOptions } from "./commands/serve.ts";
import { type Program, rootCommand } from "./root-command.ts";

/** `waiver` with `serve` as its only command: the exchange starts without loading the others. */
export function createServeProgram(serve: (options: ServeOptions) => Promise<void>): Program {
  const program = rootCommand();
  addServeCommand(program, serve);
  return program;
}
