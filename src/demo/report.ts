/** What the demo's process tells the exchange that started it, once a second, as a line of JSON on its standard output. */
export interface Report {
  /** Requests that were carried out since it began. */
  carried: number;
  /** Why the last request was not carried out; null: it was. */
  refusal: string | null;
}

export const REPORT_MS = 1000;

/** Reports that may be missing, one after the other; a machine that is busy delays some. */
const SILENT_LOOKS_MAX = 30;

/** Looks in a row that find nothing carried out: then nobody makes a market. */
const IDLE_LOOKS_MAX = 60;

/** How it goes with one process, by its reports. It is looked at as often as reports are due. */
export class ReportWatch {
  #last: Report = { carried: 0, refusal: null };
  /** Looks since the last report, and since the last one with something carried out. */
  #silentLooks = 0;
  #idleLooks = 0;

  /** Whether more has been carried out than before. */
  hear(report: Report): boolean {
    const hasCarried = report.carried > this.#last.carried;
    this.#last = report;
    this.#silentLooks = 0;
    if (hasCarried) this.#idleLooks = 0;
    return hasCarried;
  }

  look(): void {
    this.#silentLooks++;
    this.#idleLooks++;
  }

  get isSilent(): boolean {
    return this.#silentLooks > SILENT_LOOKS_MAX;
  }

  /** Why it makes no market although it lives; null: it does. */
  reason(): string | null {
    if (this.#idleLooks < IDLE_LOOKS_MAX) return null;
    const seconds = Math.floor((this.#idleLooks * REPORT_MS) / 1000);
    const { refusal } = this.#last;
    return `no order was carried out for ${seconds} s${refusal === null ? "" : `: ${refusal}`}`;
  }
}
