import { parse, type ScalarTag } from "yaml";

/**
 * The short forms of intrinsic functions (`!Ref`), as tags for `yaml`. Own code, because the packages for it serve
 * `js-yaml` (`yaml-cfn`) or `yaml` 1 (`@aws-cdk/yaml-cfn`).
 */
const TAGS = [
  "Ref",
  "Condition",
  "GetAtt",
  "Sub",
  "If",
  "Equals",
  "Not",
  "And",
  "Or",
  "Join",
  "Select",
  "Split",
  "ImportValue",
].flatMap((name) => {
  const key = name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
  return [
    { tag: `!${name}`, resolve: (text: string) => ({ [key]: text }) },
    {
      tag: `!${name}`,
      collection: "seq" as const,
      resolve: (list: { toJSON(): unknown }) => ({ [key]: list.toJSON() }),
    },
  ];
}) as unknown as ScalarTag[];

/**
 * Parses a CloudFormation or SAM template. Short forms of intrinsic functions become their long forms: `!Ref Name` is
 * `{ "Ref": "Name" }`, `!GetAtt Table.Arn` is `{ "Fn::GetAtt": "Table.Arn" }`.
 *
 * @throws {YAMLParseError} if the text is not YAML
 */
export function parseTemplate(text: string): unknown {
  return parse(text, { customTags: TAGS });
}
