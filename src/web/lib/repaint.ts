import { computed } from "@preact/signals";
import { palette, theme } from "./theme.ts";

const chosen = computed(() => `${theme.value} ${palette.value}`);

/**
 * Calls `paint` at once, and whenever the document's colours have changed, until the returned function is
 * called.
 */
export function onColours(paint: () => void): () => void {
  // After this turn, when the document has its new colours.
  const soon = (): void => queueMicrotask(paint);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", soon);
  let isFirst = true;
  const stop = chosen.subscribe(() => {
    if (isFirst) paint();
    else soon();
    isFirst = false;
  });
  return () => {
    dark.removeEventListener("change", soon);
    stop();
  };
}

/** The value of a colour of the document, by its name (`--up`), as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
