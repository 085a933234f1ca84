/** Calls `look` when `element` is scrolled or gets another size, until the returned function is called. */
export function onViewChange(element: HTMLElement, look: () => void): () => void {
  element.addEventListener("scroll", look, { passive: true });
  const sizes = new ResizeObserver(look);
  sizes.observe(element);
  return () => {
    element.removeEventListener("scroll", look);
    sizes.disconnect();
  };
}
