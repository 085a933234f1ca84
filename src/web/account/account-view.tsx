import { Link } from "../lib/router.tsx";
import { namedAccount } from "../login/account-choice.tsx";
import { session } from "../login/session.ts";
import { Balances } from "./balances.tsx";
import { EquityCurve } from "./equity-curve.tsx";
import { GainSummary } from "./gain-summary.tsx";
import { Fills, OrderHistory } from "./history.tsx";
import { OpenOrders } from "./open-orders.tsx";
import { Positions } from "./positions.tsx";

const PARTS = [
  { part: "", title: "Overview" },
  { part: "history", title: "Order history" },
  { part: "fills", title: "Fills" },
];

/** The part at a path. Any unknown path is the overview. */
const partAt = (path: string): string => PARTS.find(({ part }) => part === path)?.part ?? "";

/** The title of the part at a path of the account. */
export function accountTitle(path: string): string {
  const part = partAt(path);
  return PARTS.find((each) => part !== "" && each.part === part)?.title ?? "Account";
}

export function AccountView({ part: path }: { part: string }) {
  const part = partAt(path);
  const account = namedAccount();
  if (session.value === undefined) return <p class="empty">Loading…</p>;
  if (session.value === null) {
    return (
      <div class="empty">
        <h1>Account</h1>
        <p>Log in to see what you hold. The way in is at the top.</p>
      </div>
    );
  }
  return (
    <div class="account-view">
      <h1>Account{account !== undefined && <span class="muted"> {account}</span>}</h1>
      <nav class="parts" aria-label="Account">
        {PARTS.map((each) => (
          <Link
            key={each.part}
            to={each.part === "" ? "/account" : `/account/${each.part}`}
            isCurrent={each.part === part}
          >
            {each.title}
          </Link>
        ))}
      </nav>
      {/* Nothing of one account, such as an open question, stays for another one. */}
      <Part key={session.value.account_id} part={part} />
    </div>
  );
}

function Part({ part }: { part: string }) {
  if (part === "history") return <OrderHistory />;
  if (part === "fills") return <Fills />;
  return (
    <>
      <Balances />
      <EquityCurve />
      <GainSummary />
      <OpenOrders />
      <Positions />
    </>
  );
}
