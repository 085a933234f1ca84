/** A list from which one value is chosen. */
interface SelectProps<Value extends string> {
  id?: string;
  class?: string;
  "aria-label"?: string;
  "aria-describedby"?: string | undefined;
  value: Value;
  choices: readonly { readonly value: Value; readonly text: string }[];
  onValue: (value: Value) => void;
}

export function Select<Value extends string>(props: SelectProps<Value>) {
  const { choices, onValue, ...attributes } = props;
  return (
    <select {...attributes} onChange={(event) => onValue(event.currentTarget.value as Value)}>
      {choices.map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}
