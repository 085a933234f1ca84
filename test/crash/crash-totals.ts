/** Counts of what happened in a crash test. */
export class CrashTotals {
  rounds = 0;
  acknowledgements = 0;
  deposits = 0;
  /** Ticks that a crash left half written. */
  tornTails = 0;
  startsFromSnapshot = 0;
  /** Kills, by what the exchange was doing. */
  readonly kills = new Map<string, number>();
  /** For each start, the milliseconds until the journal was read, and until orders were accepted. */
  readonly recoveryMs: number[] = [];
  readonly readyMs: number[] = [];

  countKill(during: string): void {
    this.kills.set(during, (this.kills.get(during) ?? 0) + 1);
  }

  lines(): string[] {
    const kills = [...this.kills].sort().map(([during, count]) => `${during} ${count}`);
    return [
      `rounds               ${this.rounds}`,
      `orders acknowledged  ${this.acknowledgements}`,
      `deposits             ${this.deposits}`,
      `kills during         ${kills.join(", ")}`,
      `torn tails           ${this.tornTails}`,
      `from a snapshot      ${this.startsFromSnapshot} starts`,
      `recovery             ${medianAndMax(this.recoveryMs)}`,
      `ready                ${medianAndMax(this.readyMs)}`,
    ];
  }
}

function medianAndMax(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): string => `${Math.round(sorted.at(index) ?? 0)} ms`;
  return `median ${at(Math.floor(sorted.length / 2))}, longest ${at(-1)}`;
}
