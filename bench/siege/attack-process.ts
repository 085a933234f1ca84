/** The process of one attack: reads an `AttackPlan` from standard input, and writes an `AttackReport` at the end. */
import { Attacker } from "./attacker.ts";
import { ATTACKS } from "./attacks.ts";
import { jsonLine } from "./json-line.ts";
import type { AttackPlan } from "./plan.ts";

const plan = (await Bun.stdin.json()) as AttackPlan;
const attack = ATTACKS.find(({ name }) => name === plan.name);
if (attack === undefined) throw new Error(`No attack is called ${plan.name}`);
const attacker = new Attacker(plan);
const tried = await attack.run(attacker);
const { faults, tally, processor } = attacker;
const { answers, closes } = tally;
jsonLine({ event: "done", tried, answers, closes, faults, processor });
process.exit(0);
