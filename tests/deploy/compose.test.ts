import { dirname, join, normalize } from "node:path";
import { parseEnv } from "node:util";
import { Ajv } from "ajv";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { storeSettings } from "../../src/main/stores.ts";
import { loadConfig, type Setting, settingNames } from "../../src/platform/config.ts";
import { composeSchema } from "./composeSchema.ts";
import { textOf, yamlOf } from "./files.ts";

type Service = {
  readonly image?: string;
  readonly build?: string;
  readonly command?: string;
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly disable?: true; readonly test?: string | readonly string[] };
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources: { readonly limits: { readonly cpus: string; readonly memory: string } } };
};

const compose = yamlOf("docker-compose.yml") as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const example = parseEnv(textOf(".env.example")) as Record<string, string>;

/** A setting of .env, not of a process: the password that compose gives to Postgres, and as PGPASSWORD to its client. */
const ofComposeAlone = ["POSTGRES_PASSWORD"];
const ofPostgresClient = "PGPASSWORD";

/** `${NAME:-default}` and `${NAME:?message}`; a bare `${NAME}` would be empty without a warning. */
const interpolations = [...textOf("docker-compose.yml").matchAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g)].map(
  ([, name = "", kind, rest = ""]) => ({ name, kind, rest }),
);

/** The shared lists of settings. */
const shared: { readonly [name: string]: readonly Setting[] } = { storeSettings };

/** A file with all its imports, as paths in the project, without type-only imports. */
function withImports(file: string, known = new Set<string>()): ReadonlySet<string> {
  if (known.has(file)) return known;
  known.add(file);
  const imports = textOf(file).matchAll(
    /^(?:import|export) (?!type )[^;]*?"(\.[^"]+\.ts)"|\bimport\("(\.[^"]+\.ts)"\)/gm,
  );
  for (const [, named, later] of imports) withImports(normalize(join(dirname(file), named ?? later ?? "")), known);
  return known;
}

/** The settings that a process reads, in its file in src/main and in what that imports. */
function settingsOf(process: string): readonly Setting[] {
  return [...withImports(`src/main/${process}.ts`)].flatMap((file) =>
    [...textOf(file).matchAll(/\bloadConfig\((?:\[([^\]]*)\]|(\w+))/g)].flatMap(([, list, name]) => {
      const listed = list ?? `...${name}`;
      const spread = [...listed.matchAll(/\.\.\.(\w+)/g)].flatMap(([, of = ""]): readonly Setting[] => {
        const found = shared[of];
        if (found === undefined) throw new Error(`${file} reads ${of}, which this test does not know`);
        return found;
      });
      return [...[...listed.matchAll(/"(\w+)"/g)].map(([, quoted]) => quoted), ...spread] as Setting[];
    }),
  );
}

const hasDefault = (name: Setting) => {
  try {
    loadConfig([name], {});
    return true;
  } catch {
    return false;
  }
};

test("docker-compose.yml has the form of a Compose file", () => {
  const validate = new Ajv({ allErrors: true }).compile(composeSchema);
  validate(compose);
  expect(validate.errors ?? []).toEqual([]);
});

test("the form notices slips", () => {
  const validate = new Ajv().compile(composeSchema);
  const withService = (service: object) => ({ services: { api: service } });
  expect(validate(withService({ image: "a:1", enviroment: {} }))).toBe(false);
  expect(validate(withService({ image: "a:1", environment: { PORT: 8080 } }))).toBe(false);
  expect(validate(withService({ image: "a:1", healthcheck: { test: "true", interval: "2" } }))).toBe(false);
  expect(validate(withService({ image: "a:1", depends_on: { b: { condition: "healthy" } } }))).toBe(false);
  expect(validate(withService({ image: "a:1", environment: { PORT: "8080" } }))).toBe(true);
});

const megabytes = (text: string | undefined) => Number(/^(\d+)m$/i.exec(text ?? "")?.[1]);

describe("settings", () => {
  test.each(["api", "dispatcher", "worker"])("%s is given every setting that it reads, and no unknown one", (name) => {
    const given = Object.keys(compose.services[name]?.environment ?? {});
    expect(settingsOf(name)).toEqual(
      expect.arrayContaining(name === "dispatcher" ? ["DATABASE_URL"] : ["DUCKDB_TEMPORARY_MB"]),
    );
    for (const setting of settingsOf(name)) expect(given, `${name} reads ${setting}`).toContain(setting);
    for (const setting of given) expect([...settingNames, ofPostgresClient]).toContain(setting);
  });

  test("the migration is given what it needs", () => {
    expect(compose.services.migrate?.environment).toHaveProperty("DATABASE_URL");
  });

  test("any password is taken as it is: by Postgres, and by the client of each process", () => {
    const url = "postgres://heima@postgres:5432/heima";
    const password = compose.services.postgres?.environment?.POSTGRES_PASSWORD;
    expect(password).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    for (const [name, { environment }] of ours)
      expect(environment, name).toMatchObject({ DATABASE_URL: url, PGPASSWORD: password });
    vi.stubEnv("PGPASSWORD", "a/b#c%d@e+f=");
    try {
      expect(
        new pg.Client({ connectionString: loadConfig(["DATABASE_URL"], { DATABASE_URL: url }).DATABASE_URL }),
      ).toMatchObject({ user: "heima", password: "a/b#c%d@e+f=" });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test(".env.example explains every setting, and nothing that is none", () => {
    expect(Object.keys(example).sort()).toEqual([...settingNames, ...ofComposeAlone].sort());
  });

  test(".env.example gives every setting that has a default this default", () => {
    for (const name of settingNames.filter(hasDefault)) {
      expect({ [name]: loadConfig([name], example)[name] }).toEqual({ [name]: loadConfig([name], {})[name] });
    }
  });

  test("what compose takes from .env is known, required if there is no default, and else has the same default", () => {
    expect(interpolations.length).toBeGreaterThan(0);
    for (const { name, kind, rest } of interpolations) {
      expect(Object.keys(example)).toContain(name);
      const setting = settingNames.find((known) => known === name);
      if (setting === undefined || !hasDefault(setting)) expect({ name, kind }).toEqual({ name, kind: "?" });
      else
        expect({ name, kind, value: loadConfig([setting], { [setting]: rest })[setting] }).toEqual({
          name,
          kind: "-",
          value: loadConfig([setting], {})[setting],
        });
    }
  });

  test("the values that compose writes itself are taken by the configuration", () => {
    for (const [, { environment = {} }] of ours) {
      const written = Object.entries(environment).map(
        ([name, value]) => [name, value.replace(/\$\{\w+:\?[^}]*\}/g, "secret")] as const,
      );
      for (const [name, value] of written.filter(([, value]) => !value.includes("${") && value !== "secret")) {
        expect(() => loadConfig([name as Setting], { [name]: value }), name).not.toThrow();
      }
    }
  });
});

describe("every service", () => {
  test.each(services)("%s names an exact version, restarts, has limits", (_, { image, restart, deploy }) => {
    expect(image).toMatch(/^[\w./-]+:\d+\.\d+\.?\d*[\w.-]*$/);
    expect(restart).toMatch(/^(unless-stopped|on-failure)$/);
    expect(deploy?.resources.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String) });
  });

  test.each(services.filter(([, { build }]) => build === undefined))(
    "%s, an engine, has a health check and keeps its data",
    (_, { healthcheck, volumes }) => {
      expect(healthcheck?.test).toBeTypeOf("string");
      expect(volumes?.length).toBeGreaterThan(0);
    },
  );

  test("waits only for services that there are: for health where there is a check, for the end of what ends", () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        const service = compose.services[needed];
        expect(service, `${name} waits for ${needed}`).toBeDefined();
        const ends = service?.restart === "on-failure";
        expect({ needed, condition }).toEqual({
          needed,
          condition: ends ? "service_completed_successfully" : "service_healthy",
        });
        if (!ends) expect(service?.healthcheck?.test).toBeTypeOf("string");
      }
    }
    for (const [name, { depends_on }] of ours.filter(([each]) => each !== "migrate")) {
      expect(Object.keys(depends_on ?? {}), name).toEqual(
        expect.arrayContaining(["migrate", "postgres", "redis", "eventstore"]),
      );
    }
  });

  test("uses volumes that are declared, and all of these", () => {
    const used = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")[0]));
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test("of ours that stays is asked whether it lives: the api as the image says, the others at their metrics", () => {
    expect(compose.services.api).not.toHaveProperty("healthcheck");
    for (const name of ["dispatcher", "worker"]) {
      const { environment, healthcheck } = compose.services[name] as Service;
      expect(healthcheck?.test?.slice(0, 3)).toEqual(["CMD", "node", "-e"]);
      expect(() => new Function(String(healthcheck?.test?.[3]))).not.toThrow();
      expect(healthcheck?.test?.[3]).toContain(`:${environment?.METRICS_PORT}/metrics`);
    }
  });

  test("of ours has a temporary folder of limited size, since it is memory of the container, and a DuckDB fits into it", () => {
    for (const [name, { tmpfs = [], deploy, environment = {} }] of ours) {
      const [, size] = /^\/tmp:size=(\d+m)$/.exec(tmpfs.join()) ?? [];
      expect(megabytes(size), name).toBeLessThanOrEqual(megabytes(deploy?.resources.limits.memory) / 4);
      // Those of the worker write their temporary files into REPLAY_DIR, which is a volume.
      if (name === "worker") expect(compose.services.worker?.volumes).toContain(`replays:${environment.REPLAY_DIR}`);
      else expect(Number(environment.DUCKDB_TEMPORARY_MB), name).toBeLessThanOrEqual(megabytes(size));
    }
  });

  test("of ours runs a file that there is", () => {
    for (const [, { command = "" }] of ours) {
      const file = command.split(" ").find((word) => /\.[jt]s$/.test(word)) ?? "";
      expect(textOf(file)).not.toBe("");
    }
  });
});

test("Redis evicts nothing, writes down what it holds, and refuses writes before its container is full", () => {
  const { command, deploy } = compose.services.redis ?? {};
  expect(command).toContain("--maxmemory-policy noeviction");
  expect(command).toContain("--appendonly yes");
  const [, maxMemory] = /--maxmemory (\d+m)b /.exec(command ?? "") ?? [];
  expect(megabytes(maxMemory)).toBeGreaterThan(0);
  expect(megabytes(maxMemory)).toBeLessThanOrEqual((megabytes(deploy?.resources.limits.memory) * 2) / 3);
});

describe("Elasticsearch", () => {
  const { image = "", environment = {}, healthcheck } = compose.services.elasticsearch as Service;

  test("is not older than its client, which a server of an earlier minor version refuses", () => {
    const { dependencies } = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string> };
    const numbers = (text: string) => /(\d+)\.(\d+)\.\d+$/.exec(text)?.slice(1).map(Number) ?? [];
    const [clientMajor = NaN, clientMinor = NaN] = numbers(dependencies["@elastic/elasticsearch"] ?? "");
    const [major, minor] = numbers(image);
    expect(major).toBe(clientMajor);
    expect(minor).toBeGreaterThanOrEqual(clientMinor);
  });

  test("is one node that makes no index by itself, with its heap within its limit", () => {
    expect(environment).toMatchObject({ "discovery.type": "single-node", "action.auto_create_index": "false" });
    const [, first, most] = /^-Xms(\d+m) -Xmx(\d+m)$/.exec(environment.ES_JAVA_OPTS ?? "") ?? [];
    expect(first).toBe(most);
    // The other half is for the JVM's memory outside the heap, and for the page cache.
    const limit = megabytes(compose.services.elasticsearch?.deploy?.resources.limits.memory);
    expect(megabytes(most) * 2).toBeLessThanOrEqual(limit);
  });

  test("is asked whether it serves, and nobody waits for it", () => {
    expect(healthcheck?.test).toContain("_cluster/health?wait_for_status=yellow");
    for (const [name, { depends_on = {} }] of services)
      expect(Object.keys(depends_on), name).not.toContain("elasticsearch");
  });

  test("is where our processes look for it, without a key while its security is off", () => {
    expect(environment["xpack.security.enabled"]).toBe("false");
    for (const name of ["api", "dispatcher", "worker"])
      expect(compose.services[name]?.environment).toMatchObject({
        ELASTICSEARCH_URL: "http://elasticsearch:9200",
        ELASTICSEARCH_API_KEY: expect.stringMatching(/:-\}$/),
      });
  });
});
