/** Writes `{"books": […]}` item by item, so that a list of any length needs constant memory. */
export function startJsonList(stdout: NodeJS.WritableStream): { item(item: unknown): void; end(): void } {
  let written = 0;
  return {
    item(item) {
      stdout.write(`${written === 0 ? '{"books": [' : ","}\n${JSON.stringify(item)}`);
      written += 1;
    },
    end: () => void stdout.write(written === 0 ? '{"books": []}\n' : "\n]}\n"),
  };
}
