import { closing } from "./maintenance.ts";

/** Says at the top of the page that the exchange is about to close. */
export function Banner() {
  const text = closing.value;
  return text === null ? null : (
    <p class="banner" role="alert">
      {text}
    </p>
  );
}
