import { parseArgs } from "node:util";
import { runAlone } from "../runAlone.ts";
import { startEventStore } from "./server.ts";

const usage = `npm run embedded:eventstore -- --port N --data-dir DIR [--host ADDRESS]

  --port      where to listen; 0 takes a free port (2113)
  --data-dir  the folder of the events; created if missing
  --host      the address to listen on (127.0.0.1)`;

const { host, port, dataDir } = parseCommandLine();
await runAlone("eventstore", async () => {
  // A supervisor waits as long as it receives progress.
  const opened = (files: number, of: number) =>
    void process.send?.(`eventstore opened ${files} of ${of} files`, undefined, undefined, () => {});
  const { url, close } = await startEventStore({ host, port, dataDir, opened });
  return { url, stop: close };
});

function parseCommandLine(): { host: string; port: number; dataDir: string } {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "2113" },
        "data-dir": { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values.port} is no port`);
    if (!values["data-dir"]) throw new Error("--data-dir is missing");
    return { host: values.host, port, dataDir: values["data-dir"] };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}
