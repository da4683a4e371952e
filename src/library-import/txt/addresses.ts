const label = "[A-Za-z\\d](?:[A-Za-z\\d-]{0,60}[A-Za-z\\d])?";
const path = "(?::\\d{2,5})?(?:\\/[\\w.\\-/?=&%#~]*)?";
/** No letter before or behind: Jim.Green has no m.Green in it, and Dr.Landau no Dr.la. */
const begin = "(?<![A-Za-z\\d.]|[A-Za-z\\d]-)";
const end = "(?![A-Za-z\\d-]|\\.[A-Za-z\\d])";
const hosts = (endings: string) => `(?:${label}\\.){1,4}(?:${endings})(?:\\.(?:cn|tw|hk))?`;

/** An address that says that it is one: http://…, www.… */
const prefixed = `(?:[Hh][Tt]{2}[Pp][Ss]?:\\/\\/|[Ww]{3}\\.)${label}(?:\\.${label}){1,4}`;

/** Patterns of addresses of sites; without a prefix only with a known ending, in lower case. */
export const addresses = {
  any: `${begin}(?:${prefixed}|${hosts("com|net|org|cc|cn|la|info|me")})${end}${path}`,
  /** As in names of books and chapters, which may end like these: ASP.NET, Remember.Me. */
  inNames: `${begin}(?:${prefixed}|${hosts("com|org|cc|cn")})${end}${path}`,
  /** With http://, www., wap. or m. */
  prefixed: `${begin}(?:${prefixed}|(?:[Ww][Aa][Pp]|[Mm])\\.${hosts("com|net|org|cc|cn|la|info|me")})${end}${path}`,
} as const;
