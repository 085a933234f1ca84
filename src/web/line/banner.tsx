import { closing } from "./maintenance.ts";

/** Says above everything else that the exchange is about to close. */
export function Banner() {
  const text = closing.value;
  return text === null ? null : (
    <p class="banner" role="alert">
      {text}
    </p>
  );
}
