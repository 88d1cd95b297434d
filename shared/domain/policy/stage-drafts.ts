import { BoundedMap } from "../bounded-map.ts";
import { TroubleError } from "../reasons/errors.ts";
import { CONNECT, type ResourceArn, resourceOnStage } from "../resource/arn.ts";
import type { Limits } from "./condition.ts";
import { MAX_RESOURCE_LENGTH } from "./document.ts";
import { type Draft, draftPolicy } from "./draft.ts";
import type { Grant } from "./grant.ts";
import type { Life } from "./granted.ts";

/** Stages whose drafts are kept with one list of grants: a function serves a handful. */
const MAX_STAGES = 16;

/** Drafts by the list of grants that they are made of; they go with it. */
const kept = new WeakMap<readonly Grant[], BoundedMap<string, readonly Draft[]>>();

/** Stands for the life of any policy in drafts that are kept. */
const NOMINAL: Life = { start: 0, end: 1 };
const NOMINAL_ADDRESSES = ["0.0.0.0/0"];

/**
 * The drafts of a policy for one stage. Grants without windows and addresses of their own make the same statements
 * for every caller and at every instant, but for the policy's end and the addresses that it is bound to: these are
 * kept, and filled in.
 *
 * @throws {TroubleError} `policy_too_large` if a resource exceeds 512 characters, or there are more statements than 8
 * KB have room for
 */
export function draftsOnStage(
  arn: ResourceArn,
  grants: readonly Grant[],
  life: Life,
  explicitDeny: boolean,
): readonly Draft[] {
  if (life.addresses?.length === 0) return [];
  // A list without an interval is a rule that is closed all the time.
  const isLimited = ({ intervals = [], addresses, vpcEndpoints }: Grant) =>
    intervals.length > 0 || addresses || vpcEndpoints;
  if (grants.some(isLimited)) {
    return onStage(arn, draftPolicy(arn, grants, life, explicitDeny));
  }
  let stages = kept.get(grants);
  if (!stages) {
    stages = new BoundedMap(MAX_STAGES);
    kept.set(grants, stages);
  }
  const key = `${arn.api}/${arn.stage} ${arn.method === CONNECT} ${explicitDeny} ${life.addresses !== undefined}`;
  let drafts = stages.get(key);
  if (!drafts) {
    const nominal = life.addresses ? { ...NOMINAL, addresses: NOMINAL_ADDRESSES } : NOMINAL;
    drafts = onStage(arn, draftPolicy(arn, grants, nominal, explicitDeny));
    stages.set(key, drafts);
  }
  return drafts.map((draft) => ({ ...draft, limits: filledIn(draft.limits, life) }));
}

function filledIn({ start, end, addresses, outside }: Limits, life: Life): Limits {
  return {
    ...(start !== undefined && { start: life.end }),
    ...(end !== undefined && { end: life.end }),
    ...(addresses && life.addresses && { addresses: life.addresses }),
    ...(outside && life.addresses && { outside: life.addresses }),
  };
}

function onStage(arn: ResourceArn, drafts: readonly Draft[]): Draft[] {
  return drafts.map((draft) => ({ ...draft, resources: draft.resources.map((resource) => named(arn, resource)) }));
}

function named(arn: ResourceArn, resource: string): string {
  const name = resourceOnStage(arn, resource, "");
  if (name.length > MAX_RESOURCE_LENGTH) throw new TroubleError("policy_too_large");
  return name;
}
