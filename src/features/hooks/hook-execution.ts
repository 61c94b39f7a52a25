import { ClosedSchema, integerField, oneOfField, OptionalField } from '../../rest/resource-field.js';

/** What is done with the steps that have not begun when one has failed. */
export const ON_ERROR = ['fail', 'continue'] as const;

/** The order of a hook that says none. */
export const DEFAULT_ORDER = 500;

/** The minutes that a step may take, where the hook does not say. */
export const DEFAULT_TIMEOUT_MINUTES = 25;

/** In which order a hook runs, for how long, and what its failure means (docs/api.md, section 11). */
@ClosedSchema('How a hook is run: in which order, for how long, and what its failure means.')
export class HookExecution {
  @OptionalField(
    integerField(0, 1000, {
      description: `Lower runs first; hooks of the same order run side by side. Left out: ${DEFAULT_ORDER}.`,
      example: DEFAULT_ORDER,
    }),
  )
  order?: number;

  @OptionalField(
    integerField(1, 1440, {
      description: `How long the script may run in one container, in minutes. Left out: ${DEFAULT_TIMEOUT_MINUTES}.`,
      example: DEFAULT_TIMEOUT_MINUTES,
    }),
  )
  timeoutMinutes?: number;

  @OptionalField(
    oneOfField(ON_ERROR, {
      enumName: 'OnError',
      description:
        'What a failure means: `fail` skips the hooks of later orders, `continue` does not. Left out: `fail` before an action, `continue` after it.',
      example: 'fail',
    }),
  )
  onError?: (typeof ON_ERROR)[number];
}
