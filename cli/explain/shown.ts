import type { Explanation } from "./explain.ts";

/** Formats an explanation for people, with a section for each step. */
export function shown({
  api,
  cachedBy,
  credentials,
  outcome,
  reason,
  caller,
  grants,
  policy,
  deniedFields,
  routes,
}: Explanation): string {
  const section = (title: string, lines: readonly string[]) => [
    title,
    ...(lines.length > 0 ? lines : ["none"]).map((line) => `  ${line}`),
    "",
  ];
  const width = Math.max(0, ...routes.map(({ method, path }) => method.length + path.length + 1));
  return `${[
    `Cached by ${cachedBy}`,
    "",
    ...section(
      `Credentials (${api})`,
      credentials.map(
        ({ scheme, in: place, name, length, provider, verdict }) =>
          `${scheme} in ${place} ${name}, ${length} characters: ${provider ? `${provider}: ` : ""}${verdict}`,
      ),
    ),
    ...section(
      "Caller",
      Object.entries(caller ?? {}).map(([name, value]) => `${name}: ${value}`),
    ),
    ...section(
      "Rules that apply",
      grants.map(({ rule, effect, routes: own, fields }) => `${rule} (${effect}): ${[...own, ...fields].join(", ")}`),
    ),
    ...(policy ? section("Policy", JSON.stringify(policy, undefined, 2).split("\n")) : []),
    ...(deniedFields ? section("Fields that are denied", deniedFields) : []),
    ...(routes.length > 0
      ? section(
          "Routes",
          routes.map(
            (route) =>
              `${route.effect === "allow" ? "allow" : "deny "}  ${`${route.method} ${route.path}`.padEnd(width)}  ${route.why}  [${route.api}]`,
          ),
        )
      : []),
    `Outcome: ${outcome}${reason ? `, ${reason}` : ""}`,
  ].join("\n")}\n`;
}
