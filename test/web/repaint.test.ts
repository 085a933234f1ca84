import { afterAll, expect, test } from "bun:test";

const listeners = new Set<() => void>();
const globals = globalThis as { matchMedia?: unknown };
globals.matchMedia = () => ({
  matches: false,
  addEventListener: (_: string, listener: () => void) => listeners.add(listener),
  removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
});
afterAll(() => {
  delete globals.matchMedia;
});
/** A module of the page, whose own types need those of browsers. */
const load = async <Module>(name: string): Promise<Module> => import(`../../src/web/lib/${name}`);
const { onColours } = await load<{ onColours(paint: () => void): () => void }>("repaint.ts");
type Choice = { value: string };
const { palette, theme } = await load<{ palette: Choice; theme: Choice }>("theme.ts");

test("a chart is painted once when it opens, once for a change, and not when it is closed", async () => {
  let painted = 0;
  const stop = onColours(() => painted++);
  await Promise.resolve();
  expect(painted).toBe(1);
  theme.value = "dark";
  await Promise.resolve();
  expect(painted).toBe(2);
  palette.value = "blue-orange";
  await Promise.resolve();
  expect(painted).toBe(3);
  for (const listener of listeners) listener();
  await Promise.resolve();
  expect(painted).toBe(4);
  stop();
  expect(listeners.size).toBe(0);
  theme.value = "light";
  await Promise.resolve();
  expect(painted).toBe(4);
});
