const causes: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EEXIST: "it is there already, as something else",
  ENOTDIR: "a part of its path is a file",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "the name is too long",
};

/** The error of a system call on a file, by its name and path. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException & { readonly path: string } {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof path === "string" && code !== undefined && code in causes;
}

/** Why a file cannot be read or written, for people: Node's message names system calls and files that the user does not know. */
export function fileErrorInWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return causes[code ?? ""] ?? message;
}
