/**
 * Whether this can be a token: one or more characters of printable ASCII, no spaces. Nothing else can stand in a
 * header.
 */
export function isTokenText(text: string): boolean {
  return /^[!-~]+$/.test(text);
}
