import { bound, ChoiceField } from "../lib/field.tsx";
import { PALETTES, type Palette, palette, THEMES, type Theme, theme } from "../lib/theme.ts";

const THEME_WORDS: Readonly<Record<Theme, string>> = {
  system: "As the system has it",
  light: "Light",
  dark: "Dark",
};
const PALETTE_WORDS: Readonly<Record<Palette, string>> = {
  "green-red": "Green and red",
  "blue-orange": "Blue and orange, for colour-blind eyes",
};

export function Appearance() {
  return (
    <section class="card settings-card" aria-label="Appearance">
      <h2>Appearance</h2>
      <div class="settings-row">
        <ChoiceField
          label="Theme"
          {...bound(theme)}
          choices={THEMES.map((value) => ({ value, text: THEME_WORDS[value] }))}
        />
        <ChoiceField
          label="Up and down"
          {...bound(palette)}
          choices={PALETTES.map((value) => ({ value, text: PALETTE_WORDS[value] }))}
        />
      </div>
    </section>
  );
}
