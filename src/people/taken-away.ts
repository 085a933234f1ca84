/** Notes in the journal that something was taken away from a user, such as a key. */
import { UntilRestart } from "../lib/until-restart.ts";

/**
 * Awaits `taking`, which takes something away, and then notes `text`. When it resolves with null there was nothing to take,
 * and nothing is noted. When it rejects with `UntilRestart` that is noted too, and this rejects with it.
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
    // This note may fail as well, because the journal may be on the same disk. The caller learns from the error that he has
    // to ask again, and that request is noted then.
    if (error instanceof UntilRestart) await note(`${text} until a restart`).catch(() => undefined);
    throw error;
  }
  if (taken !== null) await note(text);
  return taken;
}
