import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/**
 * Gives the focus to the element, which needs a tabIndex, when the part of it that had the focus is taken away.
 * Otherwise it would go back to the top of the page.
 */
export function useKeptFocus(element: RefObject<HTMLElement | null>): void {
  const hadFocus = element.current?.contains(document.activeElement) === true;
  useLayoutEffect(() => {
    const isLost = document.activeElement === document.body;
    if (hadFocus && isLost) element.current?.focus({ preventScroll: true });
  });
}
