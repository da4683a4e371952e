import { parseArgs } from "node:util";
import { runAlone } from "../runAlone.ts";
import { startElasticsearch } from "./server.ts";

const usage = `npm run embedded:elasticsearch -- --port N [--host ADDRESS]

  --port  where to listen; 0 takes a free port (9200)
  --host  the address to listen on (127.0.0.1)

It keeps its data in memory: what it knows is lost when it ends.`;

const { host, port } = parseCommandLine();
await runAlone("elasticsearch", async () => {
  const { url, close } = await startElasticsearch({ host, port });
  return { url, stop: close };
});

function parseCommandLine(): { host: string; port: number } {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "9200" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values.port} is no port`);
    return { host: values.host, port };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}
