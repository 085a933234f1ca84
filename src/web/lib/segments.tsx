import type { Signal } from "@preact/signals";

interface SegmentsProps<T> {
  /** The accessible name of the choice. */
  legend: string;
  all: readonly T[];
  textOf: (each: T) => string;
  chosen: Signal<T>;
}

/** A row of buttons of which one is pressed. */
export function Segments<T>({ legend, all, textOf, chosen }: SegmentsProps<T>) {
  return (
    <fieldset class="segments">
      <legend class="unseen">{legend}</legend>
      {all.map((each) => (
        <button
          key={textOf(each)}
          type="button"
          aria-pressed={chosen.value === each}
          onClick={() => {
            chosen.value = each;
          }}
        >
          {textOf(each)}
        </button>
      ))}
    </fieldset>
  );
}
