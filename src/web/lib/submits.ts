/**
 * The handler of a form: calls `send`, and goes to the first field that this finds wrong at once. What the exchange says
 * later moves nobody.
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
