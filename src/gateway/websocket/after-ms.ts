/** Runs `run` after so many milliseconds. The process does not wait for it before it ends. */
export function afterMs(run: () => void, ms: number): void {
  setTimeout(run, ms).unref();
}
