/**
 * UsageError: the user asked for something that cannot be, or the environment refused it. The message is
 * one line that names what was tried and what to do; the command line prints it and exits with status 2.
 */
export class UsageError extends Error {}
