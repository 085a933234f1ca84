import { useEffect, useRef } from "preact/hooks";
import { AccountView, accountTitle } from "../account/account-view.tsx";
import { decimal } from "../lib/money.ts";
import { Link, type View, view } from "../lib/router.tsx";
import { Banner } from "../line/banner.tsx";
import { LoginDialog } from "../login/login-dialog.tsx";
import { MarketView } from "../market/market-view.tsx";
import { playerName, playerOf } from "../market/players.ts";
import { PlayerView } from "../player/player-view.tsx";
import { SettingsView } from "../settings/settings-view.tsx";
import { Header } from "./header.tsx";
import { NoticeList } from "./notice-list.tsx";

export function App() {
  const content = useRef<HTMLElement>(null);
  const { value } = view;
  const shown = useRef(value);
  useEffect(() => {
    if (shown.current === value) return;
    shown.current = value;
    // Another view begins at its top, and gets the focus, so that screen readers announce it.
    content.current?.scrollTo(0, 0);
    content.current?.focus({ preventScroll: true });
  }, [value]);
  return (
    <>
      <Title />
      <a class="skip" href="#content">
        Skip to content
      </a>
      <Header />
      <Banner />
      <main id="content" ref={content} tabIndex={-1}>
        <CurrentView />
      </main>
      <LoginDialog />
      <NoticeList />
    </>
  );
}

/** Sets the title of the tab. On its own, so that a new price in it draws nothing else again. */
function Title() {
  const title = viewTitle(view.value);
  const text = title === null ? "Waiver Exchange" : `${title} · Waiver Exchange`;
  useEffect(() => {
    document.title = text;
  }, [text]);
  return null;
}

function viewTitle(shown: View): string | null {
  switch (shown.name) {
    case "market":
      return null;
    case "player": {
      const last = playerOf(shown.symbol)?.ticker.value?.last ?? null;
      return `${last === null ? "" : `${decimal(last)} `}${playerName(shown.symbol)}`;
    }
    case "account":
      return accountTitle(shown.part);
    case "settings":
      return "Settings";
    case "unknown":
      return "Nothing here";
  }
}

function CurrentView() {
  const { value } = view;
  if (value.name === "market") return <MarketView />;
  if (value.name === "account") return <AccountView part={value.part} />;
  if (value.name === "settings") return <SettingsView />;
  if (value.name === "player") return <PlayerView name={value.symbol} />;
  return (
    <div class="empty">
      <h1>Nothing here</h1>
      <p>
        There is no such view. <Link to="/">To the market</Link>
      </p>
    </div>
  );
}
