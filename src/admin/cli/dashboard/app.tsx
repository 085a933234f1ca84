/** The whole screen: the exchange's status, the views, and the line of keys. */
import { Box, Text, useApp, useInput, useWindowSize } from "ink";
import { useEffect, useState } from "react";
import { Actions } from "./actions.tsx";
import type { AdminFeed } from "./admin-feed.ts";
import { Health } from "./health.tsx";
import { Help } from "./help.tsx";
import { Book, Market, marketPage } from "./market.tsx";
import type { MarketFeed } from "./market-feed.ts";
import { Overview } from "./overview.tsx";
import { type Size, STATUS_COLOURS } from "./parts.tsx";
import {
  type MarketRow,
  marketRows,
  onInput,
  type ScreenState,
  START,
  VIEWS,
} from "./screen-state.ts";
import { clock, fit, whole } from "./words.ts";

const SMALLEST: Size = { width: 80, height: 24 };
/** Rows of the header, of the views' names, and of the line of keys. */
const FRAME_ROWS = 3;

export interface AppProps {
  url: string;
  admin: AdminFeed;
  market: MarketFeed;
  /** Calls `handler` whenever something has changed, until the function that it returns is called. */
  onChange(handler: () => void): () => void;
}

export function App(props: AppProps) {
  const { admin, market, onChange } = props;
  const { exit } = useApp();
  const { columns: width, rows: height } = useWindowSize();
  const [state, setState] = useState(START);
  const [, redraw] = useState(0);
  useEffect(() => onChange(() => redraw((count) => count + 1)), [onChange]);

  const body: Size = { width, height: height - FRAME_ROWS };
  const find = (search: string) => marketRows(market, search);
  const rows = find(state.search);
  const chosen = state.chosen ?? rows[0]?.symbol ?? null;
  useEffect(() => {
    if (chosen !== null) market.choose(chosen);
  }, [chosen, market]);
  useInput((input, key) => {
    const page = marketPage(body.height);
    const next = onInput({ ...state, chosen }, input, key, { find, page });
    if (next === "quit") exit();
    else setState(next);
  });

  if (width < SMALLEST.width || height < SMALLEST.height) {
    return (
      <Text wrap="truncate">
        {`${width}×${height}: at least ${SMALLEST.width}×${SMALLEST.height} is needed. q quits.`}
      </Text>
    );
  }
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Header {...props} width={width} />
      <Tabs state={state} />
      <Box flexDirection="column" height={body.height} overflow="hidden">
        <Body {...{ ...props, state, rows, chosen, size: body }} />
      </Box>
      <Footer admin={admin} state={state} width={width} />
    </Box>
  );
}

function Header({ url, admin, market, width }: AppProps & { width: number }) {
  const status = admin.readiness?.status;
  const { away } = admin;
  const right = `tick ${whole(admin.readings.latest.value("waiver_ticks_total"))}  ${clock(Date.now())} `;
  const left = ` WAIVER  ${url}  `;
  const word = away === null ? (status ?? "") : "AWAY";
  const line = away === null && market.line !== "live" ? `  market data: ${market.line}` : "";
  const middle = width - Bun.stringWidth(left) - Bun.stringWidth(right) - word.length;
  return (
    <Text wrap="truncate">
      <Text bold>{left}</Text>
      <Text bold color={away !== null ? "red" : STATUS_COLOURS[status ?? "failed"]}>
        {word}
      </Text>
      {fit(line, Math.max(0, middle))}
      <Text dimColor>{right}</Text>
    </Text>
  );
}

function Tabs({ state }: { state: ScreenState }) {
  return (
    <Text wrap="truncate">
      {VIEWS.map((view, i) => (
        <Text key={view} inverse={view === state.view} dimColor={view !== state.view}>
          {` ${i + 1} ${view} `}
        </Text>
      ))}
      {state.search !== "" && !state.isTyping && (
        <Text dimColor>{`  found by "${state.search}", Esc shows all`}</Text>
      )}
    </Text>
  );
}

interface BodyProps extends AppProps {
  state: ScreenState;
  rows: readonly MarketRow[];
  chosen: string | null;
  size: Size;
}

function Body({ admin, market, state, rows, chosen, size }: BodyProps) {
  if (state.hasHelp) return <Help width={size.width} />;
  switch (state.view) {
    case "Overview":
      return <Overview {...{ readings: admin.readings, rows, chosen, size }} />;
    case "Market":
      return <Market {...{ rows, chosen, size }} />;
    case "Book": {
      const listed = chosen === null ? undefined : market.listed.get(chosen);
      const row = listed && { ...listed, ticks: market.tickers.get(listed.symbol) };
      return <Book {...{ market, row, size }} />;
    }
    case "Health":
      return <Health {...{ admin, size }} />;
    case "Actions":
      return <Actions actions={admin.actions} size={size} />;
  }
}

const KEYS = " / search   ↑↓ symbol   ←→ view   ? help   q quit";

function Footer({ admin, state, width }: { admin: AdminFeed; state: ScreenState; width: number }) {
  const { away, refused, answeredAt } = admin;
  if (state.isTyping) {
    return (
      <Text wrap="truncate">
        {fit(` / ${state.search}▏  Enter takes the first, Esc ends`, width)}
      </Text>
    );
  }
  if (away !== null) {
    const since = answeredAt === null ? "" : ` since ${clock(answeredAt)}`;
    const text = ` No exchange answers${since}. Trying again. (${away})`;
    return <Text color="red">{fit(text, width)}</Text>;
  }
  if (refused !== null) return <Text color="red">{fit(` ${refused}`, width)}</Text>;
  return <Text dimColor>{fit(KEYS, width)}</Text>;
}
