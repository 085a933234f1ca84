/**
 * The handler of a form. It calls `send`, and moves the focus to the first field that is found wrong at once.
 * Faults that the exchange finds later do not move the focus.
 */
export function submits(send: () => Promise<void>) {
  return (event: SubmitEvent & { currentTarget: HTMLFormElement }): void => {
    event.preventDefault();
    const form = event.currentTarget;
    void send();
    requestAnimationFrame(() => {
      form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    });
  };
}
