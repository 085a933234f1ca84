/** ETags: a client that has an answer already is not sent it again. */
import { listItems } from "./header-list.ts";

/** The tag of a text. It is weak: the same answer may be sent compressed or not. */
export function tagOf(text: string): string {
  return `W/"${Bun.hash(text).toString(36)}"`;
}

/**
 * `body` with an ETag; 304 without a body when the request names that tag (`If-None-Match`). Give `tag` if it is known,
 * because computing that of a long text takes time.
 */
export function taggedResponse(
  request: Request,
  body: string,
  type: string,
  headers: Readonly<Record<string, string>> = {},
  tag = tagOf(body),
): Response {
  const all = { "Cache-Control": "no-store", ETag: tag, ...headers };
  if (isKnown(request, tag)) return new Response(null, { status: 304, headers: all });
  return new Response(body, { headers: { ...all, "Content-Type": type } });
}

/** Whether the request names `tag`, which must be weak, in its `If-None-Match`. */
export function isKnown({ headers }: Request, tag: string): boolean {
  const known = listItems(headers.get("if-none-match"));
  return known.some((each) => each === "*" || weak(each) === tag);
}

function weak(tag: string): string {
  return tag.startsWith("W/") ? tag : `W/${tag}`;
}
