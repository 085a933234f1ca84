import { Link, view } from "../lib/router.tsx";
import { LineBadge } from "../line/line-badge.tsx";
import { AccountChoice } from "../login/account-choice.tsx";
import { HeaderLogin } from "../login/header-login.tsx";

const VIEWS = [
  { to: "/", title: "Market", names: ["market", "player"] },
  { to: "/account", title: "Account", names: ["account"] },
  { to: "/settings", title: "Settings", names: ["settings"] },
];

export function Header() {
  return (
    <header class="header">
      <Link to="/" class="brand">
        <Logo />
        <span>Waiver</span>
      </Link>
      <Views />
      <span class="spacer" />
      <LineBadge />
      <AccountChoice />
      <HeaderLogin />
    </header>
  );
}

/** The links to the views. On a phone they are a bar at the bottom of the screen. */
function Views() {
  return (
    <nav class="views" aria-label="Views">
      {VIEWS.map(({ to, title, names }) => (
        <Link key={to} to={to} isCurrent={names.includes(view.value.name)}>
          {title}
        </Link>
      ))}
    </nav>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="logo-ground" />
      <path d="M6 10l5 13 5-10 5 10 5-13" class="logo-line" />
    </svg>
  );
}
