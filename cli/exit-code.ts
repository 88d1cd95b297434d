/** Exit codes of the command line. */
export const EXIT = {
  done: 0,
  /** The command ran with a negative result: a wrong configuration, a missing file, a refused request. */
  failed: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** A defect of Sallyport (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;
