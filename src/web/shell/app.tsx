import { Link, view } from "../lib/router.tsx";
import { MarketView } from "../market/market-view.tsx";
import { PlayerView } from "../player/player-view.tsx";
import { Header } from "./header.tsx";

export function App() {
  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <Header />
      <main id="content" tabIndex={-1} data-view={view.value.name}>
        <CurrentView />
      </main>
    </>
  );
}

function CurrentView() {
  const { value } = view;
  if (value.name === "market") return <MarketView />;
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
