import { Failure } from "../json/failure.ts";

const forbidden = "' ','\"','*',',','/','<','>','?','\\','|'";

function complaint(name: string): string | undefined {
  if (/[ "*,/<>?\\|]/.test(name)) return `must not contain the following characters [${forbidden}]`;
  if (name.includes("#")) return "must not contain '#'";
  if (name.includes(":")) return "must not contain ':'";
  if (/^[_\-+]/.test(name)) return "must not start with '_', '-', or '+'";
  if (Buffer.byteLength(name) > 255) return `index name is too long, (${Buffer.byteLength(name)} > 255)`;
  if (name === "." || name === "..") return "must not be '.' or '..'";
  return undefined;
}

export function invalidIndexName(name: string, why: string): Failure {
  return new Failure("invalid_index_name_exception", `Invalid index name [${name}], ${why}`, {
    meta: { index_uuid: "_na_", index: name },
  });
}

/** Throws Elasticsearch's error for a name that no index can have. */
export function checkIndexName(name: string): void {
  const why = complaint(name) ?? (name === name.toLowerCase() ? undefined : "must be lowercase");
  if (why !== undefined) throw invalidIndexName(name, why);
}

export function checkAliasName(alias: string): void {
  const why = alias === "" ? "alias name is required" : complaint(alias);
  if (why !== undefined) throw new Failure("invalid_alias_name_exception", `Invalid alias name [${alias}]: ${why}`);
}
