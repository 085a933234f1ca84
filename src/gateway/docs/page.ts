/** The HTML around the content of every page of the documents. */

/** Scripts and styles are the exchange's own, nothing comes from elsewhere, and no script is in a page's text. */
const POLICY: Readonly<Record<string, string>> = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data:",
  "font-src": "'self' data:",
  "connect-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
};

export interface Page {
  readonly title: string;
  /** HTML below the bar with the links between the pages. */
  readonly body: string;
  /** Paths of scripts, which run when the body is there. */
  readonly scripts?: readonly string[];
  /** Rules in which the page's policy differs. */
  readonly policy?: Readonly<Record<string, string>>;
}

export function pageText({ title, body, scripts = [] }: Page): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    '<link rel="stylesheet" href="/docs/docs.css">',
    '<link rel="icon" href="data:,">',
    '<nav class="bar"><a href="/docs">REST</a> <a href="/docs/streams">WebSockets</a></nav>',
    body,
    ...scripts.map((path) => `<script src="${path}"></script>`),
    "</html>",
    "",
  ].join("\n");
}

/** The header with the page's policy, which says what the page may load. */
export function policyOf({ policy = {} }: Page): Record<string, string> {
  const rules = Object.entries({ ...POLICY, ...policy }).map(([name, value]) => `${name} ${value}`);
  return { "Content-Security-Policy": rules.join("; ") };
}

/** Escapes text for HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
