import type { Logger } from "../../../platform/logger.ts";
import type { Build } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";
import { createWakeUp } from "../wakeUp.ts";

/** Something that runs for a build. */
export type Running = { close(): Promise<void> };

/**
 * Keeps something running for every build of these read models for which `wants` returns true, as builds come and go: reads the
 * catalog every `everyMs`, and when `refresh` is called. Builds of other versions are left to other releases.
 */
export function followBuilds(options: {
  readonly catalog: Pick<BuildCatalog, "buildsOf">;
  readonly readModels: readonly ReadModel[];
  readonly wants: (record: BuildRecord) => boolean;
  readonly start: (build: Build) => Running;
  readonly everyMs: number;
  readonly logger: Logger;
}): Running & { refresh(): void } {
  const { catalog, readModels, wants, start, everyMs, logger } = options;
  const running = new Map<string, Running>();
  /** A build that hangs while closing does not delay others. */
  const closing = new Map<string, Promise<void>>();
  const wakeUp = createWakeUp();
  let closed = false;

  const reconcile = async () => {
    const records = (await Promise.all(readModels.map((readModel) => catalog.buildsOf(readModel)))).flat();
    const wanted = new Map(records.filter(wants).map(({ build }) => [build.name, build]));
    for (const [name, build] of wanted) {
      if (closed || running.has(name) || closing.has(name)) continue;
      logger.info({ build: name }, "taking up a build");
      running.set(name, start(build));
    }
    for (const [name, part] of running) {
      if (wanted.has(name)) continue;
      logger.info({ build: name }, "leaving a build");
      running.delete(name);
      const left = part
        .close()
        .catch((error: unknown) => logger.warn({ err: error, build: name }, "cannot leave a build"))
        .finally(() => closing.delete(name));
      closing.set(name, left);
    }
  };

  const loop = (async () => {
    while (!closed) {
      await reconcile().catch((error: unknown) => logger.warn({ err: error }, "cannot read the catalog of builds"));
      await wakeUp.wait(everyMs);
    }
    await Promise.all([...[...running.values()].map((part) => part.close()), ...closing.values()]);
  })();

  return {
    refresh: wakeUp.notify,
    async close() {
      closed = true;
      wakeUp.notify();
      await loop;
    },
  };
}
