/** A text that is made when it is first asked for, and kept, so that a start does not pay for it. */
export function lazyText(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
