/** Work that is done once a frame, however often it is asked for. */
import { batch } from "@preact/signals";

const due = new Set<() => void>();

/**
 * Runs `task` before the next frame is painted, together with all other tasks in one batch of signals. A task
 * that is due already is not run twice. In a hidden page it waits until the page is shown.
 */
export function onNextFrame(task: () => void): void {
  if (due.size === 0) requestAnimationFrame(run);
  due.add(task);
}

function run(): void {
  const tasks = [...due];
  due.clear();
  batch(() => {
    for (const task of tasks) task();
  });
}
