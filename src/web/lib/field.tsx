import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { parseDollars, plainDecimal, steppedPrice } from "./money.ts";
import { Select } from "./select.tsx";

/** The props of a field that shows a signal and sets it. */
export function bound<T>(shown: Signal<T>) {
  return {
    value: shown.value,
    onValue: (value: T): void => {
      shown.value = value;
    },
  };
}

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  /** What is wrong with the value, shown beside the field. */
  fault?: string | undefined;
  hint?: string | undefined;
  /** Shown beside the input, such as a unit. */
  children?: ComponentChildren;
  type?: "text" | "password" | "datetime-local" | "url";
  name?: string;
  autocomplete?: string;
  inputMode?: "decimal" | "numeric" | "text";
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A labelled text input, with its fault or hint. */
export function TextField({ label, onValue, fault, hint, children, ...input }: FieldProps) {
  const id = useId();
  const note = fault ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-input">
        <input
          id={id}
          spellcheck={false}
          {...(input as object)}
          onInput={(event) => onValue(event.currentTarget.value)}
          {...(fault !== undefined && { "aria-invalid": "true" as const })}
          {...(note !== undefined && { "aria-describedby": `${id}-note` })}
        />
        {children}
      </div>
      {note !== undefined && (
        <p id={`${id}-note`} class={fault === undefined ? "field-hint" : "field-fault"}>
          {note}
        </p>
      )}
    </div>
  );
}

interface PriceProps extends Omit<FieldProps, "children" | "inputMode" | "onKeyDown"> {
  /** Cents; every price is a multiple of it. */
  increment: number;
}

/** A field for a price in dollars, which the arrows up and down change by an increment. */
export function PriceField({ increment, ...props }: PriceProps) {
  const step = (event: KeyboardEvent): void => {
    const parsed = parseDollars(props.value);
    if ((event.key !== "ArrowUp" && event.key !== "ArrowDown") || "fault" in parsed) return;
    event.preventDefault();
    props.onValue(plainDecimal(steppedPrice(parsed.value, increment, event.key === "ArrowUp")));
  };
  return (
    <TextField inputMode="decimal" autocomplete="off" onKeyDown={step} {...props}>
      <span class="unit">$</span>
    </TextField>
  );
}

/** A fault of the whole form, and not of one field. */
export function FormFault({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p class="field-fault" role="alert">
      {text}
    </p>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  choices: readonly { readonly value: T; readonly text: string }[];
  onValue: (value: T) => void;
  fault?: string | undefined;
}

export function ChoiceField<T extends string>(props: ChoiceProps<T>) {
  const { label, value, choices, onValue, fault } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Select
        {...{ id, value, choices, onValue }}
        {...(fault !== undefined && { "aria-describedby": `${id}-note` })}
      />
      {fault !== undefined && (
        <p id={`${id}-note`} class="field-fault">
          {fault}
        </p>
      )}
    </div>
  );
}
