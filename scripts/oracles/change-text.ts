import type { Random } from "../../test/model/random.ts";

/** Pieces of markup that parsers have disagreed about, or that the reader must not take for anything else. */
const PIECES = [
  ...[
    "a",
    "0",
    "<",
    ">",
    "&",
    ";",
    '"',
    "'",
    "/",
    "=",
    "!",
    " ",
    "-",
    ":",
    "#",
    "\t",
    "\n",
    "\r",
    "\0",
    "é",
    "\u{1d4b3}",
  ],
  ...[
    "<!-- -->",
    "<!---->",
    "<?x?>",
    "<![CDATA[x]]>",
    "]]>",
    "<!DOCTYPE a>",
    "&amp;",
    "&#65;",
    "&#x41;",
    "&#0;",
    "&x;",
  ],
  ...["<a/>", "</a>", ' ID="_x"', ' xmlns="urn:evil"', ' xmlns:saml="urn:evil"', " xmlns=''", "xml:", "\ufeff"],
  ...["\u00a0", "\u3000", "\u0085", "\u2028", "&#x85;", "&#13;", "&#160;"],
];

/** Changes a text at one place by bytes, without regard to what it says. */
export function changeText(random: Random, text: string): string {
  const at = random.whole(0, text.length - 1);
  const length = random.chance(0.7) ? random.whole(0, 3) : random.whole(0, 200);
  const [before, taken, after] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
  const elsewhere = random.whole(0, text.length - 1);
  return random.pick([
    () => before + random.pick(PIECES) + text.slice(at),
    () => before + random.pick(PIECES) + after,
    () => before + after,
    () => before + taken + taken + after,
    () => before + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.whole(0, 6))) + text.slice(at + 1),
    () => before + text.slice(elsewhere, elsewhere + length) + after,
    () => before + (text[at + 1] ?? "") + (text[at] ?? "") + text.slice(at + 2),
    () => before + changedCase(text[at] ?? "") + text.slice(at + 1),
    () => before,
  ])();
}

const changedCase = (text: string) => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase());
