/** The exit statuses of the command line, those of sysexits.h where it has one. */
export const EXIT = {
  success: 0,
  /** What was asked for could not be done. */
  failure: 1,
  /** The command line itself is wrong (EX_USAGE). */
  usage: 64,
  /** The environment's settings cannot be used (EX_CONFIG). */
  settings: 78,
} as const;
