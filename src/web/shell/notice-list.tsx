import { dismiss, notices } from "./notices.ts";

export function NoticeList() {
  return (
    <div class="notices" aria-live="polite">
      {notices.value.map(({ id, text, kind }) => (
        <p key={id} class="notice" data-kind={kind}>
          {text}
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <span aria-hidden="true">×</span>
          </button>
        </p>
      ))}
    </div>
  );
}
