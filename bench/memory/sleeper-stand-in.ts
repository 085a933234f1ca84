/** A stand-in for the Sleeper API with invented players. */

const TEAMS = 32;
const POSITIONS = ["QB", "RB", "WR", "TE", "K"];

/** Serves `count` players in the format of Sleeper's reply, until it is disposed of. */
export function serveSleeper(count: number): { url: string; [Symbol.dispose](): void } {
  const players = Array.from({ length: count }, (_, index) => player(index));
  const reply = JSON.stringify(Object.fromEntries(players.map((each) => [each.player_id, each])));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response(reply, { headers: { "Content-Type": "application/json" } }),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

function player(index: number) {
  const team = `T${(index % TEAMS) + 1}`;
  const isDefence = index < TEAMS;
  return {
    player_id: isDefence ? team : String(1000 + index),
    first_name: isDefence ? "Team" : `First${index}`,
    last_name: isDefence ? `Defence${index}` : `Last${index}`,
    team,
    position: isDefence ? "DEF" : POSITIONS[index % POSITIONS.length],
    status: "Active",
    active: true,
    number: index % 100,
  };
}
