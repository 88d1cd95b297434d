import { readFile } from "node:fs/promises";
import { parseTemplate } from "../local/gateway/template/cloudformation-yaml.ts";

/** `template.yaml` with intrinsic functions in their long form, unresolved. */

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Record<string, unknown>;
  readonly Metadata?: { readonly Bundle?: string };
}

export const template = parseTemplate(await readFile("template.yaml", "utf8")) as {
  Metadata: {
    Local: Record<string, string>;
    "AWS::CloudFormation::Interface": {
      ParameterGroups: { Label: { default: string }; Parameters: string[] }[];
      ParameterLabels: Record<string, { default: string }>;
    };
  };
  Globals: Record<string, Record<string, unknown>>;
  Rules: Record<string, { RuleCondition: unknown; Assertions: { Assert: unknown; AssertDescription: string }[] }>;
  Conditions: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Parameters: Record<string, { Type: string; Description: string; Default: string | number }>;
  Outputs: Record<string, { Description: string; Value: unknown; Condition?: string; Export?: { Name: unknown } }>;
};

/** The properties of a resource, or an empty object if the template has no such resource. */
export const propertiesOf = (name: string) => template.Resources[name]?.Properties ?? {};
