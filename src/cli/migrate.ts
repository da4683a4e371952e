import type { Command } from "commander";

export type MigrateDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly migrate: () => Promise<unknown>;
};

/** Adds `heima migrate`. */
export function addMigrate(heima: Command, deps: MigrateDependencies): void {
  heima
    .command("migrate")
    .description("run the pending migrations of DATABASE_URL; idempotent")
    .addHelpText("after", "\nExample:\n  DATABASE_URL=postgres://heima@127.0.0.1/heima heima migrate")
    .action(async () => {
      await deps.migrate();
      deps.stdout.write("The database is up to date.\n");
    });
}
