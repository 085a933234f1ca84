/**
 * Something was taken away from somebody, in memory, and the disk did not take it: after a restart it is as before. What
 * takes away works all the same, for it may be urgent; what gives is refused with the disk's own error.
 */
export class UntilRestart extends Error {
  override readonly name = "UntilRestart";

  /** `done`: what is so now, for people, such as `usr_1 is disabled`. `cause`: what the disk said. */
  constructor(done: string, options: { cause: unknown }) {
    super(`${done}, but only until a restart, because the disk did not take it`, options);
  }
}
