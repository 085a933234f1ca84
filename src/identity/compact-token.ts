/** The text of a JSON Web Token: three parts in base64url, and one text only for what it says. */

/** No padding, no white space, and no bits at its end that say nothing. */
const PART = "(?:[\\w-]{4})*(?:[\\w-]{4}|[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])";
const TOKEN = new RegExp(`^${PART}\\.${PART}\\.${PART}$`);

/** Whether a text is a token, spelled as its maker spelled it: decoders take many texts for the same bytes. */
export function isCompactToken(text: string): boolean {
  return TOKEN.test(text);
}
