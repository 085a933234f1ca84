import { lineWord } from "./line.ts";

/** Says whether what the page shows is what the exchange has. */
export function LineBadge() {
  const word = lineWord.value;
  return (
    <div role="status" aria-label="Connection" class="line-badge" data-state={word.toLowerCase()}>
      {word}
    </div>
  );
}
