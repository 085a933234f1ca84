/** The text of a JSON Web Token: three parts in base64url, in the only spelling that is allowed. */

/** Base64url without padding and white space. The unused bits of the last character have to be 0. */
const PART = "(?:[\\w-]{4})*(?:[\\w-]{4}|[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])";
const TOKEN = new RegExp(`^${PART}\\.${PART}\\.${PART}$`);

/** Whether a text is a token in its only allowed spelling. Decoders accept other spellings of the same bytes as well. */
export function isCompactToken(text: string): boolean {
  return TOKEN.test(text);
}
