/** Rules for the content and the names of all files. A fault is "path:line: what". */

/** STYLE says that a file of about 250 lines needs a second look. A file with this many lines did not get one. */
export const LINES_MAX = 500;

/** Words in lower case, joined by hyphens, in the file's name and in every folder above it. */
const KEBAB_PATH = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+$/;

export function isKebabCase(path: string): boolean {
  return KEBAB_PATH.test(path);
}

export function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** Absolute paths that exist only on one person's machine. */
const MACHINE_PATH = /(?<![\w.-])\/(?:home|root|Users|work|tmp)\/[\w.-]+/;

/** The host of a package registry. Each machine chooses its own. */
const REGISTRY_HOST = /\bregistry\.[\w-]+\.[a-z]{2,}|\bnpmjs\./;

export function findMachinePaths(path: string, text: string): string[] {
  return findInLines(path, text, MACHINE_PATH);
}

export function findRegistryHosts(path: string, text: string): string[] {
  return findInLines(path, text, REGISTRY_HOST);
}

function findInLines(path: string, text: string, pattern: RegExp): string[] {
  return text.split("\n").flatMap((line, index) => {
    const found = pattern.exec(line);
    return found === null ? [] : [`${path}:${index + 1}: ${found[0]}`];
  });
}
