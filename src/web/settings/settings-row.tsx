/** A row of a list of the settings: something by its name, what it is, and a button that ends it. */
import type { ComponentChildren } from "preact";
import { AskBack, type AskBackProps } from "../lib/ask-back.tsx";

interface SettingsRowProps extends Omit<AskBackProps, "label"> {
  name: string;
  /** What it is. */
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
