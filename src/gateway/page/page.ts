/** The files of the page, with the paths at which they are served. */
import type { PageFile } from "./page-file.ts";

export const ASSETS = "/assets/";

export interface Page {
  readonly document: string;
  /** By name. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

/**
 * Makes the page from its files. They refer to each other by relative paths (in the compiled program by paths from the root),
 * which become those under `ASSETS`, because the document is served at paths of several depths. Throws when no file is a
 * document.
 */
export function pageOf(files: readonly PageFile[]): Page {
  const html = files.find(({ type }) => type.startsWith("text/html"));
  if (html === undefined) throw new Error("the page has no document");
  const others = files.filter((file) => file !== html);
  const names = others.map(({ name }) => name);
  const assets = others.map((file) => [file.name, withPaths(file, names)] as const);
  return { document: textWithPaths(html, names), assets: new Map(assets) };
}

function withPaths(file: PageFile, names: readonly string[]): PageFile {
  if (!/^(?:text|application)\/(?:css|javascript)/.test(file.type)) return file;
  return { ...file, bytes: new TextEncoder().encode(textWithPaths(file, names)) };
}

function textWithPaths({ bytes }: PageFile, names: readonly string[]): string {
  let text = new TextDecoder().decode(bytes);
  for (const name of names) {
    for (const path of [`"./${name}"`, `"/${name}"`]) {
      text = text.replaceAll(path, `"${ASSETS}${name}"`);
    }
  }
  return text;
}
