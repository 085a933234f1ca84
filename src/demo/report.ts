/**
 * The report of the demo's process to the exchange that started it: once a second, a line of JSON on standard
 * output.
 */
export interface Report {
  /** Requests that were carried out since the process began. */
  carried: number;
  /** Why the last request was not carried out; null when it was. */
  refusal: string | null;
}

export const REPORT_MS = 1000;

/** How many reports in a row may be missing: a busy machine delays some. */
const SILENT_LOOKS_MAX = 30;

/** After so many looks in a row without anything carried out, there is no market maker. */
const IDLE_LOOKS_MAX = 60;

/** Watches one process by its reports. `look` is called as often as reports are due. */
export class ReportWatch {
  #last: Report = { carried: 0, refusal: null };
  /** Looks since the last report, and since the last one with something carried out. */
  #silentLooks = 0;
  #idleLooks = 0;

  /** Takes a report; returns whether more has been carried out since the report before. */
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

  /** Why the process makes no market although it lives; null when it makes one. */
  reason(): string | null {
    if (this.#idleLooks < IDLE_LOOKS_MAX) return null;
    const seconds = Math.floor((this.#idleLooks * REPORT_MS) / 1000);
    const { refusal } = this.#last;
    return `no order was carried out for ${seconds} s${refusal === null ? "" : `: ${refusal}`}`;
  }
}
