/** The theme (light, dark or that of the system), and the colours for up and down. */
import { effect } from "@preact/signals";
import { remembered } from "./storage.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const PALETTES = ["green-red", "blue-orange"] as const;
export type Palette = (typeof PALETTES)[number];

const isOneOf = (words: readonly string[]) => (value: unknown) => words.includes(value as string);

export const theme = remembered<Theme>("theme", "system", isOneOf(THEMES));
export const palette = remembered<Palette>("palette", "green-red", isOneOf(PALETTES));

/** Shows the page in the chosen theme and colours from now on. */
export function applyTheme(): void {
  const { dataset } = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (): void => {
    const isDark = theme.value === "dark" || (theme.value === "system" && dark.matches);
    dataset.theme = isDark ? "dark" : "light";
    dataset.palette = palette.value;
  };
  effect(show);
  dark.addEventListener("change", show);
}
