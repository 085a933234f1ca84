/** A button for what cannot be taken back: it says in its own place what would go, and does it when that is confirmed. */
import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface AskBackProps {
  /** On the button. */
  text: string;
  /** The button's name, where its text is not enough. */
  label?: string;
  /** What would happen. */
  question: string;
  yes: string;
  no: string;
  /** Resolves when it is done; says itself what went wrong. */
  onYes: () => Promise<void>;
}

/** Escape is a no. The focus goes to "no", so that a key or a click too many does nothing. */
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
        disabled={isDoing.value}
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
