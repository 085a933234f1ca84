/** Rules for what every kind of file says and how it is called; a fault is "path:line: what". */

/** About 250 lines is where a second look begins; at this many it has not been taken. */
export const LINES_MAX = 500;

/** Words in lower case, joined by hyphens, in the name and in every folder above it. */
const KEBAB_PATH = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+$/;

export function isKebabCase(path: string): boolean {
  return KEBAB_PATH.test(path);
}

export function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** Absolute paths that exist on the machine of one person only. */
const MACHINE_PATH = /(?<![\w.-])\/(?:home|root|Users|work|tmp)\/[\w.-]+/;

/** A package registry's host: which one is used is the business of each machine. */
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
