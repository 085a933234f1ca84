/** A text that is made when it is first asked for, and kept: nobody pays for it at the start. */
export function lazyText(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
