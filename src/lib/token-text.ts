/** Whether this can be a token: printable ASCII without spaces, and something. Nothing else can stand in a header. */
export function isTokenText(text: string): boolean {
  return /^[!-~]+$/.test(text);
}
