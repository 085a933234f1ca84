/** The text of `/metrics`. A client that asks too often is told to wait; this waits. */
export async function metricsOf(url: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`${url}/metrics`);
    const text = await answer.text();
    if (answer.status !== 429) return text;
  }
}

/** The value of one sample of `/metrics`; NaN if there is none. */
export async function metricOf(url: string, sample: string): Promise<number> {
  const lines = (await metricsOf(url)).split("\n");
  const line = lines.find((each) => each.startsWith(`${sample} `));
  return Number(line?.slice(sample.length));
}
