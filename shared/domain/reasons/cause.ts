/** Classes and codes down the chain of causes. Messages may hold what a caller or a server sent. */
export function causeOf(cause: unknown): string | undefined {
  const names: string[] = [];
  for (let error = cause; error instanceof Error && names.length < 4; error = error.cause) {
    const { code } = error as { code?: unknown };
    names.push(typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? `${error.name}(${code})` : error.name);
  }
  return names.length > 0 ? names.join(" < ") : undefined;
}
