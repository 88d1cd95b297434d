/** How the command line ends. */
export const EXIT = {
  done: 0,
  /** The command ran, and the answer is no: a wrong configuration, a file that is absent, a request that is refused. */
  failed: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** A defect of Sallyport (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;
