/** Whether this can be a token: printable ASCII without spaces, and not empty. A header can have nothing else. */
export function isTokenText(text: string): boolean {
  return /^[!-~]+$/.test(text);
}
