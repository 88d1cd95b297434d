import { readFile } from "node:fs/promises";
import { parseTemplate } from "../local/gateway/template/cloudformation-yaml.ts";

/** `template.yaml` with intrinsic functions in their long form, unresolved. */

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly Metadata?: { readonly Bundle?: string };
}

export const template = parseTemplate(await readFile("template.yaml", "utf8")) as {
  Resources: Record<string, Resource>;
  Parameters: Record<string, { Default: string | number }>;
  Outputs: object;
};

/** The properties of a resource, or an empty object if the template has no such resource. */
export const propertiesOf = (name: string) => template.Resources[name]?.Properties ?? {};
