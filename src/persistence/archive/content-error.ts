/**
 * A file or object is not what it should be. The message does not name it: the reader of the file adds its
 * name.
 */
export class ContentError extends Error {
  override readonly name = "ContentError";
}

/** `offset` in bytes from the file's start. */
export function damagedAt(offset: number, reason: string): ContentError {
  return new ContentError(`damaged at byte ${offset}: ${reason}`);
}
