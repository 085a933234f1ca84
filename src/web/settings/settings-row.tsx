/** A row of a list in the settings: a name, a description, and a button that ends the thing. */
import type { ComponentChildren } from "preact";
import { AskBack, type AskBackProps } from "../lib/ask-back.tsx";

interface SettingsRowProps extends Omit<AskBackProps, "label"> {
  name: string;
  /** The description. */
  children: ComponentChildren;
}

export function SettingsRow({ name, children, ...ending }: SettingsRowProps) {
  return (
    <li>
      <code>{name}</code>
      <span class="muted">{children}</span>
      <AskBack label={`${ending.text} ${name}`} {...ending} />
    </li>
  );
}
