import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../syncFolder.ts";
import { writePrivately } from "./writePrivately.ts";

export type Secrets = {
  readonly postgresPassword: string;
  readonly WECHAT_APPID: string;
  readonly WECHAT_SECRET: string;
  readonly JWT_SECRETS: string;
  readonly SESSION_ENCRYPTION_KEYS: string;
  readonly PSEUDONYM_KEYS: string;
};

/** The secrets of a data folder, created at its first start and stored, so that tokens and sessions survive a restart. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, "secrets.json");
  try {
    const kept = JSON.parse(await readFile(file, "utf8")) as Secrets;
    if (kept.PSEUDONYM_KEYS !== undefined) return kept;
    // Written by an earlier release.
    const completed = { ...kept, PSEUDONYM_KEYS: encryptionKey() };
    await writeSecrets(file, completed);
    return completed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const secrets: Secrets = {
    postgresPassword: randomBytes(24).toString("hex"),
    WECHAT_APPID: `wx${randomBytes(8).toString("hex")}`,
    WECHAT_SECRET: randomBytes(16).toString("hex"),
    JWT_SECRETS: `k1:${randomBytes(32).toString("hex")}`,
    SESSION_ENCRYPTION_KEYS: encryptionKey(),
    PSEUDONYM_KEYS: encryptionKey(),
  };
  await writeSecrets(file, secrets);
  return secrets;
}

/** Called before anything is created with them: a Postgres whose password was lost in a power failure would be unusable. */
async function writeSecrets(file: string, secrets: Secrets): Promise<void> {
  await writePrivately(file, JSON.stringify(secrets, null, 2), { flush: true });
  syncFolder(dirname(file));
}

const encryptionKey = () => `k1:${randomBytes(32).toString("base64")}`;
