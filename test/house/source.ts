import { resolve } from "node:path";
import ts from "typescript";

/** A parsed TypeScript file of the project, as the house rules read it. */
export interface Source {
  /** From the top of the checkout, with "/" between the parts. */
  path: string;
  text: string;
  tree: ts.SourceFile;
}

/** The top of the checkout. */
const TOP = resolve(import.meta.dir, "../..");

export function parseSource(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true) };
}

/** Paths from the top of the checkout that match the glob pattern, sorted; hidden files too. */
export async function findFiles(pattern: string): Promise<string[]> {
  const paths = await Array.fromAsync(new Bun.Glob(pattern).scan({ cwd: TOP, dot: true }));
  return paths.sort();
}

export function readFromTop(path: string): Promise<string> {
  return Bun.file(resolve(TOP, path)).text();
}

/** Parsed files by path. Several of these tests read the same files. */
const parsed = new Map<string, Promise<Source>>();

/** Every TypeScript file under one of the folders at the top, parsed. */
export async function readSources(...folders: string[]): Promise<Source[]> {
  const paths = await Promise.all(folders.map((folder) => findFiles(`${folder}/**/*.{ts,tsx}`)));
  const sources = paths.flat().map((path) => {
    const known = parsed.get(path);
    if (known !== undefined) return known;
    const source = readFromTop(path).then((text) => parseSource(path, text));
    parsed.set(path, source);
    return source;
  });
  return Promise.all(sources);
}

/** Calls `visit` for every node of the file, outermost first. */
export function walk(source: Source, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(source.tree);
}

/** "path:line: what", the form in which every rule reports a fault. */
export function faultAt(source: Source, position: number, what: string): string {
  const { line } = source.tree.getLineAndCharacterOfPosition(position);
  return `${source.path}:${line + 1}: ${what}`;
}
