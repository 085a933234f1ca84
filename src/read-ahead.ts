/** The thread that reads the journal ahead of a replay. `main.ts` starts it and hands it its task. */

import { readAhead } from "./persistence/wal/ahead/ahead-reader.ts";
import type { AheadTask } from "./persistence/wal/ahead/ahead-task.ts";

export const run = (task: unknown): void => readAhead(task as AheadTask);
