/** A resource of a template, with its intrinsic functions resolved. */
export interface TemplateResource {
  /** Logical id. */
  readonly name: string;
  /** `AWS::Serverless::Api` */
  readonly type: string;
  readonly properties: Properties;
  readonly metadata: Properties;
}

/** A JSON object of a template whose members nobody has checked yet. */
export type Properties = Readonly<Record<string, unknown>>;

/** What the reader of an API sees of its template. */
export interface TemplateContents {
  readonly resources: readonly TemplateResource[];
  /** The reader adds what the gateway leaves out, each with its reason. */
  readonly unsupported: string[];
}

/** A map whose values are text, whatever they were in YAML. */
export const textMap = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(Object(value) as object).map(([name, text]) => [name, String(text)]));
