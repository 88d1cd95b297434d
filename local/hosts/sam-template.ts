import { parseDocument } from "yaml";

/** Logical ids of the functions that a local run gives variables to. */
export const AUTHORIZERS = ["Authorizer", "AuthorizerUncached"];

/** Logical id of the API that SAM does not serve here: its emulator ignores conditions, and has one port for all. */
const OTHER_API = "HttpApi";

/**
 * A built template for a local run: with its variables, because SAM sets only those that the template lists, and without
 * what its emulator cannot do.
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
  const { Resources } = document.toJS() as { Resources: Record<string, Resource> };
  for (const [name, resource] of Object.entries(Resources)) {
    if (name === OTHER_API || isOfOtherApi(resource)) document.deleteIn(["Resources", name]);
  }
  return String(document);
}

interface Resource {
  readonly Properties?: { readonly Events?: Record<string, { readonly Properties?: { readonly ApiId?: unknown } }> };
}

/** Without their API, SAM refuses the whole template because of them. */
const isOfOtherApi = ({ Properties: { Events = {} } = {} }: Resource) =>
  Object.values(Events).some(({ Properties }) => Properties?.ApiId === OTHER_API);
