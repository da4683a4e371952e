import { parseArgs } from "node:util";
import { startEventStore } from "./server.ts";

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "2113" },
    "data-dir": { type: "string" },
  },
});

const port = Number(values.port);
if (!values["data-dir"] || !Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error("usage: npm run embedded:eventstore -- --port N --data-dir DIR [--host ADDRESS]");
  process.exit(2);
}

try {
  const store = await startEventStore({ host: values.host, port, dataDir: values["data-dir"] });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    store.close().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // The supervisor that started this process has gone: nobody would stop it.
  process.on("disconnect", stop);
  console.log(`eventstore ready ${store.url}`);
} catch (error) {
  console.error(`eventstore cannot start: ${(error as Error).message}`);
  process.exit(1);
}
