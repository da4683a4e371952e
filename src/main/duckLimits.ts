import { loadConfig } from "../platform/config.ts";
import type { DuckLimits } from "../replay/duck/limits.ts";

/** The limits of a DuckDB, from the environment. */
export function duckLimits(): DuckLimits {
  const config = loadConfig(["DUCKDB_MEMORY_MB", "DUCKDB_THREADS", "DUCKDB_TEMPORARY_MB"]);
  return {
    memory: config.DUCKDB_MEMORY_MB,
    threads: config.DUCKDB_THREADS,
    temporary: config.DUCKDB_TEMPORARY_MB,
  };
}
