import { lineWord } from "./line.ts";

/** Says whether the page shows the present state of the exchange. */
export function LineBadge() {
  const word = lineWord.value;
  return (
    <div role="status" aria-label="Connection" class="line-badge" data-state={word.toLowerCase()}>
      {word}
    </div>
  );
}
