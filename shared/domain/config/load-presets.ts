import { presetValues } from "./jwt-presets.ts";
import { presetMistakes } from "./preset-mistakes.ts";
import { usePresets } from "./preset-rules.ts";

/** Makes the presets known to the schema. */
export const loadPresets = (): void => usePresets({ values: presetValues, mistakes: presetMistakes });
