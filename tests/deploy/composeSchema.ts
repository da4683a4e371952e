// The part of the Compose file's schema that docker-compose.yml uses, written down from the specification
// (https://github.com/compose-spec/compose-spec/blob/main/spec.md). Other keys are treated as errors.

const text = { type: "string" } as const;
const texts = { type: "array", items: text, uniqueItems: true } as const;
const duration = { type: "string", pattern: "^(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$", minLength: 2 } as const;
const bytes = { type: "string", pattern: "^\\d+([bkmgBKMG]|[kmgKMG][bB])$" } as const;

function object(properties: object, required: readonly string[] = []) {
  return { type: "object", properties, required, additionalProperties: false } as const;
}

function dictionary(values: object) {
  return { type: "object", patternProperties: { "^[a-zA-Z0-9._-]+$": values }, additionalProperties: false } as const;
}

/** A number or a boolean must be written as a string: a process may get another spelling than the one in the YAML. */
const environment = dictionary(text);

const healthcheck = {
  oneOf: [
    object({ disable: { const: true } }, ["disable"]),
    object(
      {
        test: { oneOf: [text, { type: "array", items: text, minItems: 1 }] },
        interval: duration,
        timeout: duration,
        start_period: duration,
        retries: { type: "integer", minimum: 1 },
      },
      ["test"],
    ),
  ],
};

const condition = { enum: ["service_started", "service_healthy", "service_completed_successfully"] };

const service = object({
  image: text,
  build: text,
  init: { type: "boolean" },
  command: { oneOf: [text, { type: "array", items: text }] },
  environment,
  depends_on: dictionary(object({ condition }, ["condition"])),
  healthcheck,
  restart: { type: "string", pattern: "^(no|always|unless-stopped|on-failure(:\\d+)?)$" },
  stop_grace_period: duration,
  ports: { type: "array", items: { type: "string", pattern: "^(\\$\\{\\w+:-\\d+\\}|\\d+):\\d+(/tcp|/udp)?$" } },
  volumes: { type: "array", items: { type: "string", pattern: "^[a-z][a-z0-9_-]*:/[^:]+(:ro|:rw)?$" } },
  tmpfs: texts,
  read_only: { type: "boolean" },
  cap_drop: texts,
  security_opt: texts,
  shm_size: bytes,
  cpu_shares: { type: "integer", minimum: 2, maximum: 262_144 },
  logging: object({ driver: text, options: dictionary(text) }, ["driver"]),
  deploy: object({
    resources: object({ limits: object({ cpus: { type: "string", pattern: "^\\d+\\.\\d+$" }, memory: bytes }) }),
  }),
});

export const composeSchema = {
  ...object(
    {
      name: { type: "string", pattern: "^[a-z0-9][a-z0-9_-]*$" },
      services: dictionary(service),
      volumes: dictionary({ type: "null" }),
    },
    ["services"],
  ),
  patternProperties: { "^x-": {} },
};
