import { Failure, PlainFailure } from "../json/failure.ts";

type Media = { readonly subtype: string; readonly version: number | undefined };

const json = new Set([
  "application/json",
  "application/x-ndjson",
  "application/vnd.elasticsearch+json",
  "application/vnd.elasticsearch+x-ndjson",
]);

function parse(header: string): Media | undefined {
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return undefined;
  const version = parameters.find((one) => one.startsWith("compatible-with="))?.slice("compatible-with=".length);
  return { subtype: type, version: version === undefined ? undefined : Number(version) };
}

function invalid(headers: string, cause: Failure): Failure {
  return new Failure("media_type_header_exception", `Invalid media-type value on headers ${headers}`, {
    causedBy: cause,
  });
}

/** Checks the media types of a request and returns that of its answer. Throws 406 or 400 as Elasticsearch does. */
export function answerType(contentType: string | undefined, accept: string | undefined, hasBody: boolean): string {
  const content = contentType === undefined ? undefined : parse(contentType);
  if (contentType !== undefined && content === undefined) {
    throw invalid("[Content-Type]", new Failure("illegal_argument_exception", `invalid media-type [${contentType}]`));
  }
  const wanted = accept === undefined || accept === "*/*" ? undefined : parse(accept.split(",")[0]!);
  if (accept !== undefined && accept !== "*/*" && wanted === undefined) {
    throw invalid("[Accept]", new Failure("illegal_argument_exception", `invalid media-type [${accept}]`));
  }
  checkVersions(contentType, content, accept, wanted, hasBody);
  if (hasBody && (content === undefined || !json.has(content.subtype))) {
    throw new PlainFailure(406, `Content-Type header [${contentType ?? ""}] is not supported`);
  }
  const chosen =
    wanted !== undefined && json.has(wanted.subtype)
      ? wanted
      : content !== undefined && json.has(content.subtype)
        ? content
        : undefined;
  if (chosen === undefined || !chosen.subtype.includes("vnd.")) return "application/json";
  const base = "application/vnd.elasticsearch+json";
  return chosen.version === undefined ? base : `${base};compatible-with=${chosen.version}`;
}

function checkVersions(
  contentType: string | undefined,
  content: Media | undefined,
  accept: string | undefined,
  wanted: Media | undefined,
  hasBody: boolean,
): void {
  const bad = (sentence: string) => invalid("[Content-Type, Accept]", new Failure("status_exception", sentence));
  for (const [name, media, header] of [
    ["Accept", wanted, accept],
    ["Content-Type", content, contentType],
  ] as const) {
    if (media?.version !== undefined && media.version !== 9 && media.version !== 8) {
      throw bad(`${name} version must be either version 9 or 8, but found ${media.version}. ${name}=${header}`);
    }
  }
  if (!hasBody || content?.version === wanted?.version) return;
  const base =
    "A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version";
  const both =
    content?.version === 8 || wanted?.version === 8 ? `${base} and the compatible versions must match` : base;
  throw bad(`${both}. Accept=${accept ?? "null"}, Content-Type=${contentType ?? "null"}`);
}
