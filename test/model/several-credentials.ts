import { allows } from "./allows.ts";
import { isOneCaller } from "./caller.ts";
import type { Counts } from "./coverage.ts";
import type { Judged, Situation, SubjectUnderTest } from "./difference.ts";
import { findingsOf } from "./judge.ts";
import { combinedProviders } from "./requirements.ts";
import type { ModelConfig, Use } from "./types.ts";

/**
 * Several credentials together open only routes that one of them opens alone. Exceptions are rules that name several
 * credentials, and `merge.scopes: union`. The property concerns allowing rules at the instant of the decision: see
 * `withoutExceptions`.
 */
export async function isUnionOfEach(
  situation: Situation,
  uses: readonly Use[],
  subject: SubjectUnderTest,
  counts: Counts,
): Promise<Judged | undefined> {
  const { principals, decision, asked } = situation;
  const config = withoutExceptions(situation.config);
  if (!config || principals.length < 2 || !isOneCaller(config, principals)) return undefined;
  const request = { ...decision, ...asked };
  const alone = principals.map((principal) => [principal]);
  const answers = await Promise.all([principals, ...alone].map((caller) => subject.decide(config, caller, request)));
  if (answers.some(({ outcome }) => outcome === "unavailable")) return undefined;
  const [together, ...each] = answers.map(findingsOf);
  for (const use of uses) {
    const now = { ...use, time: decision.time };
    const inModel =
      !allows(config, principals, decision, now) || alone.some((one) => allows(config, one, decision, now));
    const inCode = together?.effect(now) !== "allow" || each.some(({ effect }) => effect(now) === "allow");
    counts.together += 1;
    if (inModel && inCode) continue;
    const found = `${inModel ? "the code" : "the model"} opens it together`;
    return { ...situation, config, use: now, what: "merged", expected: "what one credential opens alone", found };
  }
  return undefined;
}

/**
 * The allowing rules that one credential meets alone. Denials are left out: they apply to credentials alone too, but
 * another credential's value may take the place of the `*` in them, and other spellings are denied below wildcards that
 * only one of the two has.
 */
function withoutExceptions(config: ModelConfig): ModelConfig | undefined {
  const routes = config.routes.filter((rule) => rule.effect !== "deny" && !combinedProviders(rule));
  return routes.length === 0 || config.merge?.scopes === "union" ? undefined : { ...config, routes };
}
