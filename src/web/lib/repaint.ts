import { palette, theme } from "./theme.ts";

/** Calls `paint` when the colours of the document have changed; returns what ends it. */
export function onColours(paint: () => void): () => void {
  const soon = (): void => queueMicrotask(paint);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", soon);
  const stop = [theme.subscribe(soon), palette.subscribe(soon)];
  return () => {
    dark.removeEventListener("change", soon);
    for (const each of stop) each();
  };
}
