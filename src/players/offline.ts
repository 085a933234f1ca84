/**
 * The players without network: the depth chart of every team, 16 places each, 512 in all. A place keeps its
 * symbol, whoever plays there.
 */
import type { Player } from "./player.ts";

/** Place in the chart → position. */
const SLOTS = {
  QB1: "QB",
  QB2: "QB",
  RB1: "RB",
  RB2: "RB",
  RB3: "RB",
  RB4: "RB",
  WR1: "WR",
  WR2: "WR",
  WR3: "WR",
  WR4: "WR",
  WR5: "WR",
  TE1: "TE",
  TE2: "TE",
  TE3: "TE",
  K1: "K",
  DEF: "DEF",
};

/** Cities, with the nickname where two teams share one. */
const TEAMS = {
  ARI: "Arizona",
  ATL: "Atlanta",
  BAL: "Baltimore",
  BUF: "Buffalo",
  CAR: "Carolina",
  CHI: "Chicago",
  CIN: "Cincinnati",
  CLE: "Cleveland",
  DAL: "Dallas",
  DEN: "Denver",
  DET: "Detroit",
  GB: "Green Bay",
  HOU: "Houston",
  IND: "Indianapolis",
  JAX: "Jacksonville",
  KC: "Kansas City",
  LAC: "Los Angeles Chargers",
  LAR: "Los Angeles Rams",
  LV: "Las Vegas",
  MIA: "Miami",
  MIN: "Minnesota",
  NE: "New England",
  NO: "New Orleans",
  NYG: "New York Giants",
  NYJ: "New York Jets",
  PHI: "Philadelphia",
  PIT: "Pittsburgh",
  SEA: "Seattle",
  SF: "San Francisco",
  TB: "Tampa Bay",
  TEN: "Tennessee",
  WAS: "Washington",
};

/** The 512 depth-chart slots, `KC-QB1` being "Kansas City QB1". */
export const OFFLINE_PLAYERS: readonly Player[] = Object.entries(TEAMS).flatMap(([team, city]) =>
  Object.entries(SLOTS).map(([slot, position]) => ({
    player_id: `${team}-${slot}`,
    name: `${city} ${slot}`,
    team,
    position,
    number: null,
    status: "Active",
  })),
);
