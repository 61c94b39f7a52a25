const examples: object[] = [];

/**
 * Keeps an object of a class whose objects live only as long as one piece of work. V8 optimizes code for the shape of the
 * objects it works on, and throws that code away at the first full garbage collections that find no object of the shape
 * alive. Between two matches there is none, so each would begin with slow code and be compiled again beside: without
 * this, half of the CPU time of a cold match of three criteria.
 */
export function keepShapeOf(example: object): void {
  examples.push(example);
}
