import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { bound } from "../lib/field.tsx";
import { navigate } from "../lib/router.tsx";
import { Select } from "../lib/select.tsx";
import {
  type Column,
  onlyWatched,
  position,
  positions,
  search,
  shownPlayers,
  sort,
  team,
  teams,
} from "./market-list.ts";
import { MarketTable } from "./market-table.tsx";
import { playerPath, players, playersFault } from "./players.ts";

export function MarketView() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // As in many programs, "/" goes to the search.
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof Element && event.target.matches("input, select");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <div class="market-view">
      <h1 class="unseen">Market</h1>
      <div class="toolbar">
        <input
          ref={field}
          type="search"
          class="search"
          aria-label="Search players"
          placeholder="Search players"
          autocomplete="off"
          spellcheck={false}
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
          onKeyDown={openFirst}
        />
        <SortChoice />
        <Filter label="Position" all="All positions" names={positions.value} chosen={position} />
        <Filter label="Team" all="All teams" names={teams.value} chosen={team} />
        <button
          type="button"
          class="chip"
          aria-pressed={onlyWatched.value}
          onClick={() => {
            onlyWatched.value = !onlyWatched.value;
          }}
        >
          <span aria-hidden="true">★</span> Watch list
        </button>
        <span class="toolbar-count" role="status">
          {countText()}
        </span>
      </div>
      <MarketTable none={<Empty />} />
    </div>
  );
}

/** Enter in the search goes to the first player that it shows. */
function openFirst(event: KeyboardEvent): void {
  const [first] = shownPlayers.peek();
  if (event.key === "Enter" && search.peek() !== "" && first) navigate(playerPath(first));
}

function countText(): string {
  const [all, shown] = [players.value.length, shownPlayers.value.length];
  return all === shown ? `${all} players` : `${shown} of ${all}`;
}

/** On a phone not all columns have heads to sort by. */
function SortChoice() {
  const { column, isDescending } = sort.value;
  return (
    <Select
      class="only-narrow"
      aria-label="Sort by"
      value={`${column} ${isDescending}`}
      choices={SORTS}
      onValue={(value) => {
        const [column = "volume", isDescending] = value.split(" ");
        sort.value = { column: column as Column, isDescending: isDescending === "true" };
      }}
    />
  );
}

const SORTS = [
  { value: "volume true", text: "Most traded" },
  { value: "change true", text: "Risen most" },
  { value: "change false", text: "Fallen most" },
  { value: "last true", text: "Dearest" },
  { value: "last false", text: "Cheapest" },
  { value: "name false", text: "By name" },
  { value: "name true", text: "By name, Z to A" },
];

interface FilterProps {
  label: string;
  all: string;
  names: readonly string[];
  chosen: Signal<string>;
}

function Filter({ label, all, names, chosen }: FilterProps) {
  return (
    <Select
      aria-label={label}
      {...bound(chosen)}
      choices={[{ value: "", text: all }, ...names.map((name) => ({ value: name, text: name }))]}
    />
  );
}

function Empty() {
  if (shownPlayers.value.length > 0) return null;
  if (players.value.length === 0) {
    const fault = playersFault.value;
    return <p class="empty">{fault === null ? "Loading players…" : `No players: ${fault}`}</p>;
  }
  if (onlyWatched.value && search.value === "") {
    return <p class="empty">Nobody on your watch list. The star in a row puts a player on it.</p>;
  }
  return <p class="empty">No player fits.</p>;
}
