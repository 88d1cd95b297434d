import { type Properties, type TemplateResource, textMap } from "./resource.ts";

/** A Lambda function as a template describes it. */
export interface FunctionDefinition {
  /** Folder with the built code, relative to the template. `Metadata.Bundle` names a bundle of this project. */
  readonly code: { readonly bundle: string } | { readonly folder: string };
  /** `index.handler` */
  readonly handler: string;
  /** Seconds. */
  readonly timeout: number;
  /** Megabytes. */
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Reads `AWS::Serverless::Function`.
 *
 * @param globals the section `Globals.Function`, with the defaults of all functions
 */
export function functionOf({ properties, metadata }: TemplateResource, globals: Properties): FunctionDefinition {
  const { CodeUri, Handler, Timeout = 3, MemorySize = 128, Environment } = { ...globals, ...properties };
  const [shared, own] = [globals.Environment, Environment].map((each) => textMap(Object(each).Variables));
  return {
    code: typeof metadata.Bundle === "string" ? { bundle: metadata.Bundle } : { folder: String(CodeUri ?? ".") },
    handler: String(Handler ?? "index.handler"),
    timeout: Number(Timeout),
    memory: Number(MemorySize),
    environment: { ...shared, ...own },
  };
}
