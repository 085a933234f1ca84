import ts from "typescript";
import { importsOf } from "./imports.ts";
import { faultAt, type Source, walk } from "./source.ts";

/** `debugger` and uses of the console. */
export function findDebugOutput(source: Source): string[] {
  const faults: string[] = [];
  walk(source, (node) => {
    if (ts.isDebuggerStatement(node)) faults.push(faultAt(source, node.getStart(), "debugger"));
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "console") {
      faults.push(faultAt(source, node.getStart(), node.getText()));
    }
  });
  return faults;
}

/**
 * Tests that always run alone or never: `test.only(…)`, `describe.skip(…)`, `test.todo(…)`. A test that is
 * skipped on a condition uses `test.skipIf(condition)`.
 */
export function findUnrunTests(source: Source): string[] {
  const faults: string[] = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node)) return;
    const callee = node.expression.getText();
    if (/^(?:test|it|describe)(?:\.\w+)*\.(?:only|skip|todo)(?:\.\w+)*$/.test(callee)) {
      faults.push(faultAt(source, node.getStart(), callee));
    }
  });
  return faults;
}

/**
 * Files that are written without a flush. After a crash of the machine they may be empty or full of zeros;
 * `replaceFile` keeps them whole.
 */
export function findUnflushedWrites(source: Source): string[] {
  const faults: string[] = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node) || node.arguments[0]?.getText() === "Bun.stdout") return;
    const callee = node.expression.getText();
    if (/^(?:Bun\.write|(?:fs\.)?(?:write|append)File(?:Sync)?)$/.test(callee)) {
      faults.push(faultAt(source, node.getStart(), `${callee} does not flush`));
    }
  });
  return faults;
}

/** Waits for time instead of a condition: `Bun.sleep`, and a timer that resolves a promise. */
export function findSleeps(source: Source): string[] {
  const faults = importsOf(source)
    .filter(({ specifier }) => /^(?:node:)?timers\/promises$/.test(specifier))
    .map(({ specifier, position }) =>
      faultAt(source, position, `waits for time with ${specifier}`),
    );
  walk(source, (node) => {
    if (ts.isCallExpression(node)) {
      const callee = node.expression.getText();
      const sleeps = /^Bun\.sleep(?:Sync)?$/.test(callee);
      if (sleeps || (callee === "setTimeout" && resolvesPromise(node))) {
        faults.push(faultAt(source, node.getStart(), `waits for time with ${callee}`));
      }
    }
  });
  return faults;
}

/** Whether a `setTimeout` does nothing except resolve the promise around it. */
function resolvesPromise(timer: ts.CallExpression): boolean {
  const executor = ts.findAncestor(
    timer,
    (node): node is ts.ArrowFunction | ts.FunctionExpression =>
      (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) &&
      ts.isNewExpression(node.parent) &&
      node.parent.expression.getText() === "Promise",
  );
  const resolve = executor?.parameters[0]?.name.getText();
  const callback = timer.arguments[0];
  if (resolve === undefined || callback === undefined) return false;
  if (ts.isArrowFunction(callback)) {
    const { body } = callback;
    return ts.isCallExpression(body) && body.expression.getText() === resolve;
  }
  return callback.getText() === resolve;
}

interface Comment {
  text: string;
  position: number;
}

/** Every comment of a file, in order, with its delimiters. */
function commentsOf(source: Source): Comment[] {
  const { text, tree } = source;
  const found = new Map<number, Comment>();
  const add = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) {
      found.set(pos, { text: text.slice(pos, end), position: pos });
    }
  };
  const step = (node: ts.Node): void => {
    // A JSDoc node lies inside the comment range of the token after it.
    if (ts.isJSDoc(node)) return;
    if (ts.isToken(node)) {
      add(ts.getLeadingCommentRanges(text, node.pos));
      add(ts.getTrailingCommentRanges(text, node.end));
    }
    for (const child of node.getChildren()) step(child);
  };
  step(tree);
  return [...found.values()].sort((a, b) => a.position - b.position);
}

const PUT_OFF = /\b(?:TODO|FIXME|XXX|HACK)\b/;

/** Comments that put work off. */
export function findPutOffWork(source: Source): string[] {
  // Finding the comments takes long, so it is done only if the text has such a word.
  if (!PUT_OFF.test(source.text)) return [];
  return commentsOf(source).flatMap(({ text, position }) => {
    const word = PUT_OFF.exec(text);
    return word === null ? [] : [faultAt(source, position + word.index, word[0])];
  });
}

/** A line that is a statement, or the end of a block, of code. */
const CODE_LINES = [
  /^(?:import|export|const|let|var|return|throw|await|type|async|function|class|interface)\b.*[;{]$/,
  /^(?:if|for|while|switch|catch)\s*\(.*[;{]$/,
  /^(?:case\b.*:|break;|continue;|else\b.*\{|[}\])]+[;,]?)$/,
  /^[\w.$[\]]+\s*(?:[-+*/|&^]?=\s.*|\(.*\));$/,
];

/** Code in comments, except examples in docstrings. */
export function findCommentedOutCode(source: Source): string[] {
  const faults: string[] = [];
  if (!mayHoldCode(source.text)) return faults;
  for (const { text, position } of commentsOf(source)) {
    if (text.startsWith("/**")) continue;
    const lines = text.replace(/^\/[/*]|\*\/$/g, "").split("\n");
    const line = lines.map((each) => each.trim()).find((each) => isCode(each));
    if (line !== undefined) faults.push(faultAt(source, position, `code in a comment: ${line}`));
  }
  return faults;
}

/**
 * Whether the search for comments is worth it: some text looks like a comment with code, though it may be in
 * a string.
 */
function mayHoldCode(text: string): boolean {
  if (/\/\*(?!\*)/.test(text)) return true;
  return [...text.matchAll(/\/\/(.*)/g)].some(([, rest = ""]) => isCode(rest.trim()));
}

function isCode(line: string): boolean {
  return CODE_LINES.some((pattern) => pattern.test(line));
}
