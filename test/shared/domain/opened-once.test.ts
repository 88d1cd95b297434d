import { describe, expect, test } from "vitest";
import { openedOnce } from "../../../shared/domain/opened-once.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";

/** Opens at the attempts that do not fail. */
function opening(...failures: readonly unknown[]) {
  const attempts: number[] = [];
  const open = async () => {
    const failure = failures[attempts.push(attempts.length) - 1];
    if (failure !== undefined) throw failure;
    return attempts.length;
  };
  return { attempts, open };
}

describe("what is opened at its first use", () => {
  test("is opened once, for all who ask meanwhile and later", async () => {
    const { attempts, open } = opening();
    const opened = openedOnce(open);
    expect(attempts).toEqual([]);
    expect(await Promise.all([opened(), opened()])).toEqual([1, 1]);
    expect(await opened()).toBe(1);
    expect(attempts).toHaveLength(1);
  });

  test("is opened again if that failed, once for all who ask meanwhile", async () => {
    const { attempts, open } = opening(new Error("EMFILE"));
    const opened = openedOnce(open);
    await expect(Promise.all([opened(), opened()])).rejects.toThrow("EMFILE");
    expect(await Promise.all([opened(), opened()])).toEqual([2, 2]);
    expect(attempts).toHaveLength(2);
  });

  test("is trouble by its name, and an error that is trouble keeps its own", async () => {
    const cause = new Error("EMFILE");
    const { open } = opening(cause, new TroubleError("secret_unavailable"));
    const opened = openedOnce(open, "key_store_unavailable");
    await expect(opened()).rejects.toMatchObject({ reason: "key_store_unavailable", cause });
    await expect(opened()).rejects.toMatchObject({ reason: "secret_unavailable" });
    expect(await opened()).toBe(3);
  });

  test("may fail without a promise", async () => {
    const opened = openedOnce(() => {
      throw new Error("EMFILE");
    }, "key_store_unavailable");
    await expect(opened()).rejects.toMatchObject({ reason: "key_store_unavailable" });
  });
});
