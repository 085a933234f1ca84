/**
 * The view that the address names. Each view has a path, so that it can be reloaded, sent to others and left
 * with the back button.
 */
import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

export type View =
  | { readonly name: "market" }
  | { readonly name: "player"; readonly symbol: string }
  | { readonly name: "account"; readonly part: string }
  | { readonly name: "settings" }
  | { readonly name: "unknown" };

const path = signal(location.pathname);
addEventListener("popstate", () => {
  path.value = location.pathname;
});

export const view = computed<View>(() => {
  const [first = "", second = "", ...more] = path.value.split("/").slice(1);
  if (more.length > 0) return { name: "unknown" };
  if (first === "") return { name: "market" };
  if (first === "players" && second !== "") {
    return { name: "player", symbol: decoded(second) };
  }
  if (first === "account") return { name: "account", part: second };
  if (first === "settings" && second === "") return { name: "settings" };
  return { name: "unknown" };
});

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function navigate(to: string): void {
  if (to === path.value) return;
  history.pushState(null, "", to);
  path.value = to;
}

interface LinkProps {
  to: string;
  class?: string;
  isCurrent?: boolean;
  children: ComponentChildren;
}

/** A link to a view. With a modifier key or another mouse button, the browser follows it in its own way. */
export function Link({ to, isCurrent, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.button !== 0 || !isPlain) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} onClick={follow} {...rest} {...(isCurrent === true && { "aria-current": "page" })}>
      {children}
    </a>
  );
}
