/** The lines of a process's output that are JSON objects. Other lines are skipped. */
export async function* jsonLines(
  output: ReadableStream<Uint8Array>,
): AsyncGenerator<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of output) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("{")) yield JSON.parse(line) as Record<string, unknown>;
    }
  }
}
