/**
 * `bun run bench`: every bench of bench/, each in a process of its own so that none inherits
 * another's heap or compiled code; then the end-to-end load. `--short` tells in a few seconds each
 * whether the benches run, not how fast the exchange is.
 */
const LOAD = ["bench/load/run.ts"];
const LOAD_SHORT = [...LOAD, "--warmup", "1", "--seconds", "1", "--runs", "1"];

const short = Bun.argv.includes("--short");
const benches = await Array.fromAsync(new Bun.Glob("bench/**/*.bench.ts").scan());
const commands = [
  ...benches.sort().map((path) => (short ? [path, "--short"] : [path])),
  short ? LOAD_SHORT : LOAD,
];

const failed: string[] = [];
for (const command of commands) {
  console.log(`\n${command.join(" ")}`);
  const child = Bun.spawn([process.execPath, ...command], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await child.exited) !== 0) failed.push(command.join(" "));
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(", ")}`);
  process.exit(1);
}
