/**
 * A button for an action that cannot be undone. When pressed, it asks back in its own place, and acts when the
 * user confirms.
 */
import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface AskBackProps {
  /** The text of the button. */
  text: string;
  /** The accessible name of the button, if its text is not enough. */
  label?: string;
  /** The question: what would happen. */
  question: string;
  yes: string;
  no: string;
  /** Does it. Never rejects: it tells the user itself what went wrong. */
  onYes: () => Promise<void>;
}

/** Escape means no. The focus goes to the button for no, so that one key or click too many does nothing. */
export function AskBack({ text, label, question, yes, no, onYes }: AskBackProps) {
  const isAsking = useSignal(false);
  const isDoing = useSignal(false);
  const ask = useRef<HTMLButtonElement>(null);
  const refuse = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  const id = useId();
  useLayoutEffect(() => {
    if (isAsking.value) refuse.current?.focus();
    else if (wasAsking.current) ask.current?.focus();
    wasAsking.current = isAsking.value;
  }, [isAsking.value]);
  const leave = (): void => {
    isAsking.value = false;
  };
  const confirm = async (): Promise<void> => {
    if (isDoing.value) return;
    isDoing.value = true;
    await onYes();
    isDoing.value = false;
    leave();
  };
  if (!isAsking.value) {
    return (
      <button
        ref={ask}
        type="button"
        class="button small"
        aria-label={label}
        onClick={() => {
          isAsking.value = true;
        }}
      >
        {text}
      </button>
    );
  }
  return (
    <div
      class="ask-back"
      role="group"
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key === "Escape") leave();
      }}
    >
      <span id={id} class="ask-back-question">
        {question}
      </span>
      <button
        type="button"
        class="button small danger"
        aria-describedby={id}
        aria-disabled={isDoing.value}
        onClick={() => void confirm()}
      >
        {yes}
      </button>
      <button ref={refuse} type="button" class="button small" aria-describedby={id} onClick={leave}>
        {no}
      </button>
    </div>
  );
}
