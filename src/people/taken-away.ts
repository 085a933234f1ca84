/** What is taken away from somebody, put on record. */
import { UntilRestart } from "../lib/until-restart.ts";

/**
 * Awaits what takes something away and then notes `text`; null, of which nothing is noted, when there was nothing to take.
 * Rejects with `UntilRestart`, and notes that too, where the disk does not take it.
 */
export async function takenAway<T>(
  taking: Promise<T | null>,
  text: string,
  note: (text: string) => Promise<void>,
): Promise<T | null> {
  let taken: T | null;
  try {
    taken = await taking;
  } catch (error) {
    // The journal may be on the same disk. Whoever asked hears that he has to ask again, which is noted then.
    if (error instanceof UntilRestart) await note(`${text} until a restart`).catch(() => undefined);
    throw error;
  }
  if (taken !== null) await note(text);
  return taken;
}
