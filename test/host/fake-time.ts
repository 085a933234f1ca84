/** A process whose wall clock a test can set while it runs. Its monotonic clock stays as it is. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPT = join(import.meta.dir, "../../scripts/faketime.sh");

function findLibrary(): string | null {
  const { exitCode, stdout } = Bun.spawnSync([SCRIPT, "library"]);
  return exitCode === 0 ? stdout.toString().trim() : null;
}

/** Whether tests that set the clock are skipped, which is logged in one line. In CI they never are. */
export function skipsWithoutFakeTime(): boolean {
  if (process.env.CI !== undefined || findLibrary() !== null) return false;
  process.stderr.write(
    "Tests with a clock that is set are skipped; as root: scripts/faketime.sh install\n",
  );
  return true;
}

export class FakeTime {
  /** For the environment of the process. */
  readonly env: Record<string, string>;
  readonly #file = join(mkdtempSync(join(tmpdir(), "waiver-faketime-")), "offset");

  constructor() {
    const library = findLibrary();
    if (library === null) throw new Error("scripts/faketime.sh install has not been run");
    this.set(0);
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** Sets the wall clock this many seconds ahead of the true time, or behind it. */
  set(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? "" : "+"}${seconds}s`);
  }
}
