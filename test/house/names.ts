import ts from "typescript";
import { faultAt, type Source, walk } from "./source.ts";

/**
 * The free-standing names in a file as written: `Date`, and `Math.random` or `process.env` for a name
 * together with its member. Names of members, properties and type keys do not count.
 */
function namesOf(source: Source): { name: string; position: number }[] {
  const names: { name: string; position: number }[] = [];
  walk(source, (node) => {
    if (ts.isIdentifier(node) && !isMemberName(node)) {
      names.push({ name: node.text, position: node.getStart() });
    } else if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      names.push({ name: `${node.expression.text}.${node.name.text}`, position: node.getStart() });
    } else if (ts.isMetaProperty(node)) {
      names.push({ name: "import.meta", position: node.getStart() });
    }
  });
  return names;
}

/** Whether the identifier is only the name of a member: `x.name`, `{ name: 1 }`, `name(): void` in a class. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isPropertyAssignment(parent) || ts.isEnumMember(parent)) return parent.name === node;
  return (ts.isTypeElement(parent) || ts.isClassElement(parent)) && parent.name === node;
}

/** Uses of the given names. A name with a dot is a name and its member. */
export function findNames(source: Source, banned: ReadonlySet<string>): string[] {
  return namesOf(source)
    .filter(({ name }) => banned.has(name))
    .map(({ name, position }) => faultAt(source, position, `names ${name}`));
}

/** `async` functions, `await` and `for await`. */
export function findAsync(source: Source): string[] {
  const faults: string[] = [];
  walk(source, (node) => {
    const { kind } = node;
    if (kind === ts.SyntaxKind.AsyncKeyword || kind === ts.SyntaxKind.AwaitKeyword) {
      faults.push(faultAt(source, node.getStart(), "is asynchronous"));
    } else if (ts.isAwaitExpression(node)) {
      faults.push(faultAt(source, node.getStart(), "is asynchronous"));
    }
  });
  return faults;
}
