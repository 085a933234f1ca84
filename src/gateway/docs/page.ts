/** What every page of the documents has around its content. */

/** The scripts and styles are the exchange's own; nothing comes from elsewhere, and no text of a page is run. */
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
  /** HTML below the bar that leads from page to page. */
  readonly body: string;
  /** Paths of scripts, run when the body is there. */
  readonly scripts?: readonly string[];
  /** What the page's policy has otherwise. */
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

/** The header that says what a page may load. */
export function policyOf({ policy = {} }: Page): Record<string, string> {
  const rules = Object.entries({ ...POLICY, ...policy }).map(([name, value]) => `${name} ${value}`);
  return { "Content-Security-Policy": rules.join("; ") };
}

/** Text as HTML shows it. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
