/** Escapes a text for an element or a quoted attribute (XML 1.0 section 2.4). */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
