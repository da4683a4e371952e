import { exportBooks } from "../exportBooks.ts";

// Exports the books into the folder, and prints the outcome: ok, or the error's code.
const [folder = ""] = process.argv.slice(2);
const outcome = await exportBooks(folder).then(
  () => "ok",
  (error: NodeJS.ErrnoException) => error.code,
);
console.log(outcome);
process.exit(0);
