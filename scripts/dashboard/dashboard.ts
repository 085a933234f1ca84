/** The parts of a dashboard's file that a picture takes. */

export interface Panel {
  readonly title: string;
  /** In 24 columns, and rows. */
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** One line of a panel. */
export interface Series {
  readonly name: string;
  /** Seconds since 1970 and the value, which may be no number. */
  readonly points: readonly (readonly [number, number])[];
}

/** What Grafana puts into an expression. `rateInterval`: such as 1m. */
export function substitute(expression: string, rateInterval: string): string {
  return expression.replaceAll("$__rate_interval", rateInterval);
}

/** `{{label}}` of a legend becomes the label's value. */
export function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? "");
}
