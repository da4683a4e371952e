import { expect, test } from "vitest";
import { essentialMetadata } from "../../src/event-store/wire/essentialMetadata.ts";

const found = (text: string) => essentialMetadata(Buffer.from(text));

test.each([
  ['{"commandId":"1","occurredAt":"2026-01-01T00:00:00.000Z","schemaVersion":1}', 1],
  ['{"schemaVersion":12}', 12],
  ['{"traceparent":"\\"schemaVersion\\":7","schemaVersion":3}', 3],
])("%s says its version", (text, schemaVersion) => {
  expect(found(text)).toEqual({ schemaVersion });
  expect(JSON.parse(text)).toMatchObject({ schemaVersion });
});

test.each([
  "",
  "{}",
  '{"schemaVersion":0}',
  '{"schemaVersion":-1}',
  '{"schemaVersion":1.5}',
  '{"schemaVersion":"1"}',
  '{"schemaVersion":1,"other":2}',
  '{"nested":{"schemaVersion":1}}',
  '{"text":"\\"schemaVersion\\":1}',
  '{"notschemaVersion":1}',
  '{"correction":{"by":"li","reason":"asked"},"schemaVersion":1}',
  ' {"schemaVersion":1}',
  '"schemaVersion":1}',
  '{"schemaVersion":12345678}',
])("%s must be parsed", (text) => {
  expect(found(text)).toBeUndefined();
});
