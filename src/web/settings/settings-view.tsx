import { session } from "../login/session.ts";
import { ApiKeys } from "./api-keys.tsx";
import { Appearance } from "./appearance.tsx";
import { PasswordForm } from "./password-form.tsx";
import { Webhooks } from "./webhooks.tsx";

export function SettingsView() {
  const who = session.value;
  return (
    <div class="settings-view">
      <h1>Settings</h1>
      <Appearance />
      {who?.manages_keys === true && <PasswordForm />}
      {who?.manages_keys === true && <ApiKeys />}
      {who != null && <Webhooks />}
      {who === null && <p class="muted">Log in for keys, webhooks and your password.</p>}
      <p class="muted about">
        Waiver Exchange. <a href="/docs">Documents of the API</a>. Charts are drawn by{" "}
        <a href="https://www.tradingview.com/" rel="noreferrer">
          TradingView Lightweight Charts™
        </a>
        .
      </p>
    </div>
  );
}
