import { readFile } from "node:fs/promises";
import { parse } from "yaml";

/** `template.yaml` as it stands there, nothing resolved. */

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly Metadata?: { readonly Bundle?: string };
}

/** Short forms of intrinsic functions, as `{ "!Ref": … }`. */
const TAGS = ["!Ref", "!Sub", "!GetAtt", "!If", "!Equals", "!Not", "!Or", "!And"].flatMap((tag) => [
  { tag, resolve: (value: string) => ({ [tag]: value }) },
  { tag, collection: "seq" as const, resolve: (value: { toJSON(): unknown }) => ({ [tag]: value.toJSON() }) },
]);

export const template = parse(await readFile("template.yaml", "utf8"), { customTags: TAGS as never }) as {
  Resources: Record<string, TemplateResource>;
  Parameters: Record<string, { Default?: unknown }>;
};

export const propertiesOf = (name: string) => template.Resources[name]?.Properties ?? {};
