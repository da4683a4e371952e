import express from "express";
import { answerOf, readCommand, serve } from "./command.ts";

// The floor: Express, the token and the answer, without a store. It has no shelf and answers "added" to every command.

const app = express().disable("x-powered-by").set("etag", false);
app.all("/v1/shelf/:bookId", readCommand, (_request, response) => {
  response.json(answerOf(0, { type: "BookAddedToShelf", position: 1n }));
});
serve(app);
