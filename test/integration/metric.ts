/** The text of `/metrics`. Whoever asks all the time is asked to wait, which is waited for here. */
export async function metricsOf(url: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`${url}/metrics`);
    const text = await answer.text();
    if (answer.status !== 429) return text;
  }
}

/** One sample of `/metrics`; not a number when there is none. */
export async function metricOf(url: string, sample: string): Promise<number> {
  const lines = (await metricsOf(url)).split("\n");
  const line = lines.find((each) => each.startsWith(`${sample} `));
  return Number(line?.slice(sample.length));
}
