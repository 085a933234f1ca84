import { notify } from "../shell/notices.ts";

/** A secret that is shown only once, with a button to copy it. */
export function SecretOnce({ lines }: { lines: readonly { name: string; text: string }[] }) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(lines.map(({ text }) => text).join("\n"));
      notify("Copied");
    } catch {
      notify("The browser does not let the page copy: mark it and copy it yourself", "fault");
    }
  };
  return (
    <div class="secret" role="alert">
      <p>Shown this once: keep it in a safe place.</p>
      <dl>
        {lines.map(({ name, text }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{text}</code>
            </dd>
          </div>
        ))}
      </dl>
      <button type="button" class="button small" onClick={() => void copy()}>
        Copy
      </button>
    </div>
  );
}
