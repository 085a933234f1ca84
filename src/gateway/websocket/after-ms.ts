/** Runs so many milliseconds later; nothing waits for it at the end of the process. */
export function afterMs(run: () => void, ms: number): void {
  setTimeout(run, ms).unref();
}
