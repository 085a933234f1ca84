/** The example at the end of a command's help. */
export function example(line: string): string {
  return `\nExample:\n  $ waiver ${line}`;
}
