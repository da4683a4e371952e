import { type Answer, checkParameters, type Exchange, flag, ok, requiredJson } from "../http/exchange.ts";
import { byName, type Cluster, resolve } from "../indices/cluster.ts";
import { checkUpdate, flattenSettings, verified } from "../indices/settings.ts";
import { validationFailed } from "../json/failure.ts";
import { glob } from "../json/filterPath.ts";
import { plain } from "../json/node.ts";
import { leniency, leniencyParameters, refuseDefaults, settingsJson, timeouts } from "./indices.ts";

/** GET /{index}/_settings and /{index}/_settings/{name} */
export function get(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, ...timeouts, "flat_settings", "include_defaults", "local"]);
  refuseDefaults(exchange);
  const { index = "", name } = exchange.at;
  const isFlat = flag(exchange, "flat_settings", false);
  const names = name?.split(",");
  const json = resolve(cluster, index, leniency(exchange))
    .toSorted(byName)
    .map((one) => {
      const shown = Object.entries(one.settings).filter(
        ([key]) => names === undefined || names.some((pattern) => pattern === "_all" || glob(pattern, key)),
      );
      return [one.name, shown] as const;
    })
    .filter(([, shown]) => names === undefined || shown.length > 0)
    .map(([name, shown]) => [name, { settings: settingsJson(Object.fromEntries(shown), isFlat) }]);
  return ok(Object.fromEntries(json));
}

/** PUT /{index}/_settings: the dynamic settings. */
export function put(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...leniencyParameters, ...timeouts, "preserve_existing", "reopen", "flat_settings"]);
  const { root } = requiredJson(exchange);
  if (root.kind !== "object" || root.entries.length === 0) throw validationFailed("no settings to update");
  const body = plain(root) as Record<string, unknown>;
  const given = flattenSettings("settings" in body ? body.settings : body);
  const indices = resolve(cluster, exchange.at.index ?? "", leniency(exchange));
  checkUpdate(
    given,
    indices.map(({ name, uuid }) => `[${name}/${uuid}]`),
  );
  const preserves = flag(exchange, "preserve_existing", false);
  for (const index of indices) {
    const settings = { ...index.settings };
    for (const [key, value] of Object.entries(given)) {
      if (preserves && key in settings) continue;
      if (value === null) delete settings[key];
      else settings[key] = value;
    }
    settings["index.number_of_replicas"] ??= "1";
    if (["write", "read_only"].every((block) => settings[`index.blocks.${block}`] !== "true"))
      delete settings[verified];
    index.settings = settings;
  }
  return ok({ acknowledged: true });
}
