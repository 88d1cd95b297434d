import { parseDocument } from "yaml";

/** Logical ids of the functions that a local run gives variables to. */
export const AUTHORIZERS = ["Authorizer", "AuthorizerUncached"];

/**
 * A template of `sam build` for a local run: with its variables, because SAM sets only those that the template lists,
 * and without what its emulator cannot do.
 *
 * @param variables of the authorizers
 */
export function templateForSam(built: string, variables: Readonly<Record<string, string>>): string {
  const document = parseDocument(built, { logLevel: "silent" });
  for (const authorizer of AUTHORIZERS) {
    for (const [name, value] of Object.entries(variables)) {
      document.setIn(["Resources", authorizer, "Properties", "Environment", "Variables", name], value);
    }
  }
  // The emulator cannot read the address from the context, so an identity source with it would refuse every request.
  document.deleteIn(["Resources", "RestApi", "Properties", "Auth", "Authorizers", "Sallyport", "Identity", "Context"]);
  // It ignores conditions, and would serve all APIs on one port, in the stage of the last one. Without their API, it
  // refuses the whole template because of functions.
  const { Resources } = document.toJS() as { Resources: Record<string, Resource> };
  for (const [name, resource] of Object.entries(Resources)) {
    if (isOfHttpApi(resource)) document.deleteIn(["Resources", name]);
  }
  return String(document);
}

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Events?: Record<string, { readonly Type: string }> };
}

const isOfHttpApi = ({ Type, Properties: { Events = {} } = {} }: Resource) =>
  Type === "AWS::Serverless::HttpApi" || Object.values(Events).some((event) => event.Type === "HttpApi");
