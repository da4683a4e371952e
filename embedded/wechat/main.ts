import { parseArgs } from "node:util";
import { required, runAlone } from "../runAlone.ts";
import { startWechat } from "./server.ts";

// node bin/run.js embedded/wechat/main.ts --port N, with WECHAT_APPID and WECHAT_SECRET in the environment
await runAlone("wechat", async () => {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
  const port = Number(values.port);
  const { url, close } = await startWechat({
    port,
    appid: required("WECHAT_APPID"),
    secret: required("WECHAT_SECRET"),
  });
  return { url, stop: close };
});
