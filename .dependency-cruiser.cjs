// The layers of docs/architecture.md as rules: what a folder of src may import from another. `npm run check:boundaries`
// and tests/architecture fail when a line of code crosses them.
const layers = {
  domain: [],
  platform: ["domain"],
  "event-store": ["domain", "platform"],
  content: ["domain", "platform"],
  commands: ["domain", "platform", "event-store"],
  projections: ["domain", "platform", "event-store"],
  metrics: ["domain", "platform", "projections"],
  // Of the projections only declarations and the names of their views: the rule is below.
  queries: ["domain", "platform", "content", "projections"],
  auth: ["domain", "platform", "commands", "replay"],
  "library-import": ["domain", "platform", "commands", "content"],
  "course-import": ["domain", "platform", "commands", "content", "auth", "library-import"],
  // Of the projections only names and types: the rule is below.
  http: ["projections", "domain", "platform", "content", "commands", "queries", "auth", "library-import", "replay"],
  doctor: ["domain", "platform", "event-store", "projections"],
  // Of the projections declarations and the pure core: the rule is below.
  replay: ["domain", "platform", "event-store", "projections"],
  cli: [
    "domain",
    "platform",
    "commands",
    "queries",
    "auth",
    "library-import",
    "course-import",
    "projections",
    "doctor",
    "replay",
  ],
};

const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `src/${layer} imports only ${[layer, ...allowed].join(", ")}`,
  severity: "error",
  from: { path: `^src/${layer}/` },
  to: { path: "^src/", pathNot: `^src/(${[layer, ...allowed].join("|")})/` },
}));

/** Vendor packages that exactly one folder of src may import. */
const vendors = {
  "@eventstore/db-client": "^src/event-store/",
  "@elastic/elasticsearch": "^src/(platform|projections/stores/elasticsearch|queries/search)/",
  bullmq: "^src/(projections/engine/|replay/jobs/|platform/queue(Worker)?\\.ts$)",
  pg: "^src/platform/",
  express: "^src/http/",
  jsonwebtoken: "^src/auth/",
  ioredis: "^src/platform/",
  "prom-client": "^src/metrics/",
  "@bull-board/[^/]+": "^src/http/queues/",
  "swagger-ui-dist": "^src/http/docs/",
  "rate-limiter-flexible": "^src/http/rateLimits/",
  "@duckdb/[^/]+": "^src/replay/",
};

const vendorRules = Object.entries(vendors).map(([vendor, home]) => ({
  name: `${vendor} is imported by ${home} only`,
  severity: "error",
  from: { path: "^src/", pathNot: home },
  to: { path: `(^|/)node_modules/(@types/)?${vendor}/` },
}));

/** The embedded event store from the disk up (docs/eventstore.md): each folder uses only those before it, and what every part does with
 * its folder. */
const storeFolders = ["semantics", "wire", "storage", "streams", "log", "reads", "subscriptions", "grpc"];

const storeRules = storeFolders.map((folder, index) => ({
  name: `embedded/eventstore/${folder} uses only what lies below it`,
  severity: "error",
  from: { path: `^embedded/eventstore/${folder}/` },
  to: {
    path: "^embedded/",
    pathNot: [
      `^embedded/eventstore/(${storeFolders.slice(0, index + 1).join("|")})/`,
      "^embedded/(folderLock|syncFolder)\\.ts$",
    ],
  },
}));

/** A folder of projections that holds a declaration: any but the three that make it work. */
const readModelFolder = "(?!engine/|stores/|catalog/|refreshed/)([^/]+)";

/** The engine of projections from the inside out: each folder uses only those before it, and these files beside them. */
const engineFolders = [
  "core",
  "ports",
  "log",
  "transport",
  "apply",
  "parked",
  "builds",
  "progress",
  "dispatch",
  "workers",
  "verify",
];

const engineOrderRules = engineFolders.map((folder, index) => ({
  name: `src/projections/engine/${folder} uses only what lies below it`,
  severity: "error",
  from: { path: `^src/projections/engine/${folder}/` },
  to: {
    path: "^src/projections/engine/",
    pathNot: [
      `^src/projections/engine/(${engineFolders.slice(0, index + 1).join("|")})/`,
      "^src/projections/engine/(timing|wakeUp)\\.ts$",
    ],
  },
}));

/** A pure core, ports, and what drives them. Stores are plugged in by src/main. */
const engineRules = [
  ...engineOrderRules,
  {
    name: "the core of the engine is pure",
    severity: "error",
    from: { path: "^src/projections/engine/core/" },
    to: { path: ["^src/platform/", "node_modules/"], pathNot: "node_modules/(zod|uuid)/" },
  },
  {
    name: "the engine knows no store but by its port",
    severity: "error",
    from: { path: "^src/projections/engine/" },
    to: { path: ["^src/projections/(stores|catalog)/", "^src/platform/postgres", "node_modules/(@types/)?pg/"] },
  },
  {
    name: "read models are declarations: they import the engine's core and the domain",
    severity: "error",
    from: { path: `^src/projections/${readModelFolder}/` },
    to: {
      path: "^src/",
      pathNot: [
        "^src/domain/",
        "^src/projections/engine/core/",
        "^src/projections/$1/",
        // Two read models of books name categories alike.
        "^src/projections/library/categoryId.ts$",
      ],
    },
  },
  {
    name: "BullMQ is imported by the engine's transport",
    severity: "error",
    from: { path: "^src/projections/engine/", pathNot: "^src/projections/engine/transport/" },
    to: { path: "node_modules/bullmq/" },
  },
];

module.exports = {
  forbidden: [
    ...engineRules,
    {
      name: "http knows of the projections their registered names and types alone",
      severity: "error",
      from: { path: "^src/http/" },
      to: {
        path: "^src/projections/",
        pathNot: "^src/projections/registry.ts$",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "queries know of the projections the declarations and the names of their views",
      severity: "error",
      from: { path: "^src/queries/" },
      to: {
        path: "^src/projections/",
        pathNot: [`^src/projections/${readModelFolder}/`, "^src/projections/views.ts$"],
      },
    },
    {
      name: "replay knows of the projections the declarations and the pure core",
      severity: "error",
      from: { path: "^src/replay/" },
      to: {
        path: "^src/projections/",
        pathNot: [`^src/projections/${readModelFolder}/`, "^src/projections/engine/core/"],
      },
    },
    ...layerRules,
    ...vendorRules,
    ...storeRules,
    {
      name: "src imports nothing from embedded, tests, bench or script",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(embedded|tests|bench|script)/" },
    },
    {
      name: "embedded imports nothing from src",
      comment: "The stand-ins must not share code, and so errors, with what they are used to test.",
      severity: "error",
      from: { path: "^embedded/" },
      to: { path: "^(src|tests|bench|script)/" },
    },
    {
      name: "domain is pure",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { pathNot: ["^src/domain/", "node_modules/(zod|opencc-js|pinyin-pro)/", "^(node:)?util$"] },
    },
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
