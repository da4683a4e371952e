import { print } from "./print.ts";

/** Writes `{"books": […]}` item by item, so that a list of any length needs constant memory. */
export function startJsonList(stdout: NodeJS.WritableStream) {
  let written = 0;
  return {
    item(item: unknown): Promise<void> {
      const before = written === 0 ? '{"books": [' : ",";
      written += 1;
      return print(stdout, `${before}\n${JSON.stringify(item)}`);
    },
    end: (): Promise<void> => print(stdout, written === 0 ? '{"books": []}\n' : "\n]}\n"),
  };
}
