/** A resource of a template, with its intrinsic functions resolved. */
export interface TemplateResource {
  /** Logical id. */
  readonly name: string;
  /** The name of a table, a queue, a bus or a log group. */
  readonly physicalName: string;
  /** `AWS::Serverless::Api` */
  readonly type: string;
  readonly properties: Properties;
  readonly metadata: Properties;
}

/** A JSON object of a template with unchecked members. */
export type Properties = Readonly<Record<string, unknown>>;

/** The part of a template that the reader of an API uses. */
export interface TemplateContents {
  readonly resources: readonly TemplateResource[];
  /** The reader adds what the gateway ignores, with the reason. */
  readonly unsupported: string[];
}

/** Converts all values of a YAML map to text. */
export const textMap = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(Object(value) as object).map(([name, text]) => [name, String(text)]));
