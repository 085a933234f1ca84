/**
 * Something was taken away from somebody, but only in memory: the write to disk failed, so after a restart it is as
 * before. An operation that takes something away works all the same, because it may be urgent. One that gives something
 * is refused with the disk's own error.
 */
export class UntilRestart extends Error {
  override readonly name = "UntilRestart";

  /** `done`: what holds now, for people, such as `usr_1 is disabled`. `cause`: the error of the write. */
  constructor(done: string, options: { cause: unknown }) {
    super(`${done}, but only until a restart, because it could not be written to disk`, options);
  }
}
