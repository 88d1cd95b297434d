import { withoutEdges } from "../../../shared/domain/text/without-edges.ts";

/** The text without white space of XML (XML 1.0 section 2.3) at its edges. */
export const trimXml = (text: string): string => withoutEdges(text, "\t\n\r ");
